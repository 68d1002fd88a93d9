package main

import (
	"cmp"
	"errors"
	"flag"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"

	"example.com/customer/httpserver"
)

// config is what the flags and the environment say; flags win.
type config struct {
	listen, adminListen string
	insecure            bool
	tokens              *httpserver.Tokens // nil: nobody is asked who they are
	tokensFile          string             // where they come from; empty: from elsewhere
	requireMatch        bool
	origins             list
	proxies             []netip.Prefix
	databaseURL         string // also from a file, which keeps the password out of the list of processes
	noMigrate           bool
	logFormat           string
	logLevel            slog.Level
}

// The formats of the log.
const (
	logAuto = "auto" // text on a terminal, else JSON
	logText = "text"
	logJSON = "json"
)

var errHelp = errors.New("help was asked for")

// given is what the flags say before it is read.
type given struct {
	tokens, tokensFile, databaseFile string
	proxies                          list
}

func (c *config) flags(g *given) *flag.FlagSet {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:8080", "")
	flags.StringVar(&c.adminListen, "admin-listen", "", "")
	flags.BoolVar(&c.insecure, "insecure-no-auth", false, "")
	flags.StringVar(&g.tokens, "tokens", "", "")
	flags.StringVar(&g.tokensFile, "tokens-file", "", "")
	flags.BoolVar(&c.requireMatch, "require-if-match", false, "")
	flags.Var(&c.origins, "cors-origin", "")
	flags.Var(&g.proxies, "trusted-proxy", "")
	flags.StringVar(&c.databaseURL, databaseFlag, "", "")
	flags.StringVar(&g.databaseFile, "database-url-file", "", "")
	flags.BoolVar(&c.noMigrate, "no-migrate", false, "")
	flags.StringVar(&c.logFormat, "log-format", logAuto, "")
	flags.TextVar(&c.logLevel, "log-level", slog.LevelInfo, "")
	return flags
}

// parseConfig also returns a warning for every variable that looks like one of ours and is not.
func parseConfig(args, env []string) (c config, unknown []string, err error) {
	var g given
	flags := c.flags(&g)
	if unknown, err = parseFlags(flags, args, env); err != nil {
		return c, nil, err
	}
	if flags.NArg() > 0 {
		return c, nil, usage("serve takes flags only, not %q; see customerd --help", flags.Arg(0))
	}
	if c.databaseURL, err = fromFile(databaseFlag, "database URL", c.databaseURL, g.databaseFile); err != nil {
		return c, nil, err
	}
	if c.tokens, err = parseTokens(g.tokens, g.tokensFile); err != nil {
		return c, nil, err
	}
	if c.tokensFile = g.tokensFile; c.tokens == nil {
		unknown = append(unknown, clientTokens(env)...)
	}
	if c.proxies, err = parseProxies(g.proxies); err != nil {
		return c, nil, err
	}
	return c, unknown, c.check()
}

// parseFlags reads the environment and then the flags, which win.
func parseFlags(flags *flag.FlagSet, args, env []string) (unknown []string, err error) {
	if unknown, err = setFromEnv(flags, env); err != nil {
		return nil, err
	}
	replaceLists(flags)
	if err := flags.Parse(args); err != nil {
		return nil, flagError(flags, err)
	}
	return unknown, emptyFlag(flags)
}

// emptyFlag refuses a flag with nothing in it, as a shell makes of a variable that is not set: a database that is not named must not turn into
// memory.
func emptyFlag(flags *flag.FlagSet) (err error) {
	flags.Visit(func(f *flag.Flag) {
		if f.Value.String() == "" {
			err = usage("--%s is empty; leave it out if there is nothing to say", f.Name)
		}
	})
	return err
}

// replaceLists lets the next value of a list replace those of the environment.
func replaceLists(flags *flag.FlagSet) {
	flags.VisitAll(func(f *flag.Flag) {
		if values, ok := f.Value.(*list); ok {
			values.replace = true
		}
	})
}

// choice is a flag with one of a few values.
type choice struct {
	value string
	of    []string
}

func (c *choice) String() string { return c.value }

func (c *choice) Set(text string) error {
	if !slices.Contains(c.of, text) {
		return errors.New("it is " + strings.Join(c.of, " or "))
	}
	c.value = text
	return nil
}

// list is a flag that can be given many times, each time with one value or with some joined by commas.
type list struct {
	values    []string
	separator string // instead of a comma
	replace   bool   // the next value replaces those of the environment
}

func (l *list) String() string { return strings.Join(l.values, ",") }

func (l *list) Set(text string) error {
	if l.replace {
		l.values, l.replace = nil, false
	}
	for value := range strings.SplitSeq(text, cmp.Or(l.separator, ",")) {
		if value = strings.TrimSpace(value); value != "" {
			l.values = append(l.values, value)
		}
	}
	return nil
}

// fromFile returns the secret that the flag holds, or the file that --FLAG-file names.
func fromFile(name, what, value, file string) (string, error) {
	if file == "" {
		return value, nil
	}
	if value != "" {
		return "", usage("give --%s or --%s-file, not both", name, name)
	}
	text, err := os.ReadFile(file)
	// Not by its name: a secret in the place of the file's name is a common mistake.
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err
	}
	if err != nil {
		return "", usage("the file of --%s-file cannot be read: %s", name, err)
	}
	if value = strings.TrimSpace(string(text)); value == "" {
		return "", usage("the file of --%s-file has no %s in it", name, what)
	}
	return value, nil
}

// parseTokens takes semicolons for line ends, which variables are bad at.
func parseTokens(text, file string) (*httpserver.Tokens, error) {
	named := "--tokens"
	if file != "" {
		named = "--tokens-file"
	}
	lines, err := fromFile("tokens", "tokens", text, file)
	if lines == "" || err != nil {
		return nil, err
	}
	if file == "" {
		lines = strings.ReplaceAll(lines, ";", "\n")
	}
	tokens, err := httpserver.ParseTokens(strings.NewReader(lines))
	if err != nil {
		return nil, usage("%s: %s; make one with customerd token new", named, strings.TrimPrefix(err.Error(), "httpserver: tokens: "))
	}
	return tokens, nil
}

func parseProxies(proxies list) (prefixes []netip.Prefix, err error) {
	for _, text := range proxies.values {
		prefix, err := netip.ParsePrefix(text)
		if address, single := netip.ParseAddr(text); single == nil {
			prefix, err = netip.PrefixFrom(address, address.BitLen()), nil
		}
		if err != nil {
			return nil, usage("--trusted-proxy takes addresses and networks, as in 10.0.0.7 or 10.0.0.0/8, not %q", text)
		}
		prefixes = append(prefixes, prefix.Masked())
	}
	return prefixes, nil
}

// check looks at what the flags say together.
func (c config) check() error {
	for _, origin := range c.origins.values {
		u, err := url.Parse(origin)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Contains(u.Host, "*") || u.Scheme+"://"+u.Host != origin {
			return usage("--cors-origin takes origins, as in https://app.example.com, not %q", origin)
		}
		if port := u.Port(); port == "443" && u.Scheme == "https" || port == "80" && u.Scheme == "http" {
			return usage("--cors-origin %s has a port that browsers leave out: write %s", origin, strings.TrimSuffix(origin, ":"+port))
		}
	}
	if !slices.Contains([]string{logAuto, logText, logJSON}, c.logFormat) {
		return usage("--log-format is %s, %s or %s, not %q", logAuto, logText, logJSON, c.logFormat)
	}
	if c.proxies != nil && c.tokens == nil && !c.insecure {
		return usage("--trusted-proxy means that others come in through the proxy, and nobody is asked who they are: name tokens with --tokens-file, or add" +
			" --insecure-no-auth")
	}
	if c.tokens != nil && c.insecure {
		return usage("--insecure-no-auth asks nobody who they are, and tokens ask everybody: give one of them")
	}
	if c.adminListen != "" {
		if err := c.checkAddress("admin-listen", c.adminListen); err != nil {
			return err
		}
	}
	return c.checkAddress("listen", c.listen)
}

func splitAddress(name, address string) (host string, err error) {
	host, port, err := net.SplitHostPort(address)
	if _, badPort := strconv.ParseUint(port, 10, 16); err != nil || badPort != nil {
		return "", usage("--%s takes a host and a port up to 65535, as in 127.0.0.1:8080, not %q", name, address)
	}
	return host, nil
}

// checkAddress keeps a server that asks nobody who they are from being reached by others.
func (c config) checkAddress(name, listen string) error {
	host, err := splitAddress(name, listen)
	if err != nil {
		return err
	}
	address, err := netip.ParseAddr(host)
	loopback := host == "localhost" || err == nil && address.IsLoopback()
	if loopback || c.insecure || c.tokens != nil {
		return nil
	}
	could := "read and erase every customer"
	if name == "admin-listen" {
		could = "read its metrics"
	}
	return usage("--%s %s can be reached from other machines, and anyone who reaches it could %s:"+
		" name tokens with --tokens-file (customerd token new makes one), or listen on 127.0.0.1, or add --insecure-no-auth if something in front"+
		" of it keeps strangers out", name, listen, could)
}
