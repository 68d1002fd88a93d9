package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"strings"

	"example.com/customer"
	"example.com/customer/httpserver"
)

// token is the command: new makes a token. The secret and its line go to standard output, a line each; what to do with them to standard error.
func token(args []string, stdout, stderr io.Writer) error {
	if len(args) == 0 || args[0] != "new" {
		return usage("token knows new, as in customerd token new --name billing --scopes read,write")
	}
	var (
		p      httpserver.Principal
		scopes list
	)
	flags := flag.NewFlagSet("token new", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&p.Name, "name", "", "")
	flags.StringVar(&p.Tenant, "tenant", "", "")
	flags.Var(&scopes, "scopes", "")
	err := flags.Parse(args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return say(stdout, help)
	}
	switch {
	case err != nil:
		return flagError(flags, err)
	case flags.NArg() > 0:
		return usage("token new takes flags only, not %q; see customerd --help", flags.Arg(0))
	case p.Name == "":
		return usage("token new needs --name, as in --name billing: it names the token in the logs")
	case p.Tenant != "" && customer.CheckTenant(p.Tenant) != nil:
		return usage("--tenant is 1 to 63 of a-z, 0-9, _ and -, a letter or digit first")
	}
	for _, scope := range scopes.values {
		p.Scopes = append(p.Scopes, httpserver.Scope(scope))
	}
	if len(p.Scopes) == 0 {
		return usage("token new needs --scopes: one or more of read, write and erase, joined by commas")
	}
	secret, line, err := httpserver.NewToken(p)
	if err != nil {
		return usage("%s", strings.TrimPrefix(err.Error(), "httpserver: token: "))
	}
	if err := say(stdout, secret+"\n"+line+"\n"); err != nil {
		return err
	}
	fmt.Fprintln(stderr, "The first line is the token: give it to the client, it is shown this once. Add the second line to the file of --tokens-file.")
	return nil
}
