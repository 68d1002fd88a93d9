package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"example.com/customer"
)

// config is what the flags and the environment say; flags win.
type config struct {
	listen      string
	insecure    bool
	databaseURL string // also from a file, which keeps the password out of the list of processes
	noMigrate   bool
}

const (
	envPrefix = "CUSTOMER_"

	// The one variable without the prefix: platforms set it under this name.
	databaseFlag, databaseVariable = "database-url", "DATABASE_URL"
)

var errHelp = errors.New("help was asked for")

// parseConfig also returns a warning for every variable that looks like one of ours and is not.
func parseConfig(args, env []string) (c config, unknown []string, err error) {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&c.listen, "listen", "127.0.0.1:8080", "")
	flags.BoolVar(&c.insecure, "insecure-no-auth", false, "")
	flags.StringVar(&c.databaseURL, databaseFlag, "", "")
	databaseFile := flags.String("database-url-file", "", "")
	flags.BoolVar(&c.noMigrate, "no-migrate", false, "")
	if unknown, err = setFromEnv(flags, env); err != nil {
		return c, nil, err
	}
	if err := flags.Parse(args); err != nil {
		return c, nil, flagError(flags, err)
	}
	if flags.NArg() > 0 {
		return c, nil, usage("serve takes flags only, not %q; see customerd --help", flags.Arg(0))
	}
	if *databaseFile != "" {
		if c.databaseURL != "" {
			return c, nil, usage("name the database once: --database-url or --database-url-file")
		}
		text, err := os.ReadFile(*databaseFile)
		if c.databaseURL = strings.TrimSpace(string(text)); err != nil || c.databaseURL == "" {
			return c, nil, usage("--database-url-file names no file with a database URL in it")
		}
	}
	return c, unknown, checkAddress(c)
}

func setFromEnv(flags *flag.FlagSet, env []string) (unknown []string, err error) {
	for _, pair := range env {
		variable, value, _ := strings.Cut(pair, "=")
		if variable == databaseVariable && value != "" {
			if err := flags.Set(databaseFlag, value); err != nil {
				return nil, usage("%s cannot be read", variable)
			}
		}
		if !strings.HasPrefix(variable, envPrefix) || value == "" {
			continue
		}
		name := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(variable, envPrefix)), "_", "-")
		if flags.Lookup(name) == nil || name == databaseFlag {
			unknown = append(unknown, variable+" is set but unknown"+didYouMean(variable, variables(flags)))
		} else if flags.Set(name, value) != nil {
			return nil, usage("%s must be true or false", variable)
		}
	}
	return unknown, nil
}

func flagError(flags *flag.FlagSet, err error) error {
	if errors.Is(err, flag.ErrHelp) {
		return errHelp
	}
	if name, ok := strings.CutPrefix(err.Error(), "flag provided but not defined: -"); ok {
		near := customer.Suggest(name, names(flags))
		if near != "" {
			return usage("unknown flag --%s; did you mean --%s?", name, near)
		}
		return usage("unknown flag --%s; see customerd --help", name)
	}
	return usage("%s; see customerd --help", err)
}

func didYouMean(written string, names []string) string {
	lower := make([]string, len(names))
	for i, name := range names {
		lower[i] = strings.ToLower(name)
	}
	if near := customer.Suggest(written, lower); near != "" {
		return "; did you mean " + strings.ToUpper(near) + "?"
	}
	return "; there are " + strings.Join(names, ", ")
}

func names(flags *flag.FlagSet) (out []string) {
	flags.VisitAll(func(f *flag.Flag) { out = append(out, f.Name) })
	return out
}

func variables(flags *flag.FlagSet) []string {
	out := slices.Clone(names(flags))
	for i, name := range out {
		if out[i] = envPrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_")); name == databaseFlag {
			out[i] = databaseVariable
		}
	}
	return out
}

// checkAddress keeps a server that asks nobody who they are from being reached by others.
func checkAddress(c config) error {
	host, port, err := net.SplitHostPort(c.listen)
	if _, badPort := strconv.ParseUint(port, 10, 16); err != nil || badPort != nil {
		return usage("--listen takes a host and a port up to 65535, as in 127.0.0.1:8080, not %q", c.listen)
	}
	address, err := netip.ParseAddr(host)
	loopback := host == "localhost" || err == nil && address.IsLoopback()
	if loopback || c.insecure {
		return nil
	}
	return &usageError{fmt.Sprintf("%s can be reached from other machines, and anyone who reaches it could read and erase every customer:"+
		" listen on 127.0.0.1, or add --insecure-no-auth if something in front of it keeps strangers out", c.listen)}
}
