package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"path"
	"strings"

	"example.com/customer"
	"example.com/customer/postgres"
)

// location is where import and export find the customers: a database or a server.
type location struct {
	databaseURL, databaseFile string
	tenant                    string
	server, token, tokenFile  string
	noMigrate                 bool

	base *url.URL // of the server
}

func (l *location) flags(flags *flag.FlagSet) {
	flags.StringVar(&l.databaseURL, databaseFlag, "", "")
	flags.StringVar(&l.databaseFile, "database-url-file", "", "")
	flags.StringVar(&l.tenant, "tenant", "", "")
	flags.StringVar(&l.server, "server", "", "")
	flags.StringVar(&l.token, "token", "", "")
	flags.StringVar(&l.tokenFile, "token-file", "", "")
}

// parse reads the environment and then flags and words in any order. A place that the flags name wins over one of the environment. As for all
// flags, one with nothing in it is refused, for which alone are the flags that know no environment.
func (l *location) parse(flags, alone *flag.FlagSet, args, env []string) (words, unknown []string, err error) {
	if _, err := parseMixed(alone, args); err != nil {
		return nil, nil, err
	}
	if err := emptyFlag(alone); err != nil {
		return nil, nil, err
	}
	if unknown, err = setFromEnv(flags, env); err != nil {
		return nil, nil, err
	}
	replaceLists(flags)
	before := *l
	l.databaseURL, l.databaseFile, l.server, l.token, l.tokenFile = "", "", "", "", ""
	if words, err = parseMixed(flags, args); err != nil {
		return nil, nil, err
	}
	if !l.named() {
		l.databaseURL, l.databaseFile, l.server = before.databaseURL, before.databaseFile, before.server
	}
	if l.token == "" && l.tokenFile == "" && l.server != "" {
		l.token, l.tokenFile = before.token, before.tokenFile
	}
	return words, unknown, l.check()
}

// parseMixed reads flags before, between and behind words. What follows -- is words.
func parseMixed(flags *flag.FlagSet, args []string) (words []string, err error) {
	for {
		if err := flags.Parse(args); err != nil {
			return nil, flagError(flags, err)
		}
		rest := flags.Args()
		if read := len(args) - len(rest); read > 0 && args[read-1] == "--" {
			return append(words, rest...), nil
		}
		if len(rest) == 0 {
			return words, nil
		}
		words, args = append(words, rest[0]), rest[1:]
	}
}

func (l *location) named() bool { return l.databaseURL != "" || l.databaseFile != "" || l.server != "" }

func (l *location) check() (err error) {
	switch {
	case l.server != "" && (l.databaseURL != "" || l.databaseFile != ""):
		return usage("there are a server and a database: give --server or --database-url, not both")
	case l.server == "" && (l.token != "" || l.tokenFile != ""):
		return usage("a token is for a server: name it with --server, as in --server https://customers.example.com")
	case l.server != "" && l.tenant != "":
		return usage("--tenant goes with --database-url; on a server the token says whose customers they are")
	case l.tenant != "" && customer.CheckTenant(l.tenant) != nil:
		return usage("--tenant is 1 to 63 of a-z, 0-9, _ and -, a letter or digit first")
	}
	if l.databaseURL, err = fromFile(databaseFlag, "a database URL", l.databaseURL, l.databaseFile); err != nil {
		return err
	}
	if l.token, err = fromFile("token", "a token", l.token, l.tokenFile); err != nil {
		return err
	}
	if strings.IndexFunc(l.token, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		return usage("the token has characters that no token has; customerd token new prints one on its first line")
	}
	if l.server != "" {
		l.base, err = parseServer(l.server)
	}
	return err
}

func parseServer(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimRight(text, "/"))
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "" || u.Fragment != "":
		return nil, usage("--server takes the address of a customerd, as in http://localhost:8080, not %q", text)
	case u.User != nil:
		return nil, usage("--server takes an address without a name and a password; what lets you in is --token or --token-file")
	case path.Base(u.Path) == "v1":
		u.Path, u.RawPath = path.Dir(u.Path), ""
		return nil, usage("--server takes the address without /v1, as in %s", strings.TrimRight(u.String(), "/"))
	}
	return u, nil
}

// open returns the store that is named, or none.
func (l *location) open(ctx context.Context, migrate bool, stderr io.Writer) (store customer.Store, closeStore func(), err error) {
	switch {
	case l.server != "":
		remote := newRemote(l.base, l.token)
		if l.token != "" && l.base.Scheme == "http" && !isLoopback(l.base.Hostname()) {
			fmt.Fprintf(stderr, "customerd: warning: the token and all customers go to %s without encryption, where others may read them: use https\n", printable(l.base.Host))
		}
		if err := remote.probe(ctx); err != nil {
			remote.close()
			return nil, nil, err
		}
		return remote, remote.close, nil
	case l.databaseURL == "":
		return nil, func() {}, nil
	}
	pool, err := postgres.Open(ctx, l.databaseURL)
	if err != nil {
		return nil, nil, &usageError{err.Error()}
	}
	if _, err := prepare(ctx, pool, migrate && !l.noMigrate); err != nil {
		pool.Close()
		return nil, nil, databaseError(err)
	}
	all := postgres.New(pool)
	if l.tenant != "" {
		all = all.Tenant(l.tenant)
	}
	return all, pool.Close, nil
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && address.IsLoopback()
}

// hint tells of variables that look like ours and are not.
func hint(stderr io.Writer, unknown []string) {
	for _, text := range unknown {
		fmt.Fprintln(stderr, "customerd: warning: "+printable(text))
	}
}
