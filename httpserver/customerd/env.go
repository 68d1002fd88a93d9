package main

import (
	"errors"
	"flag"
	"slices"
	"strings"

	"example.com/customer"
)

const (
	envPrefix = "CUSTOMER_"

	// The one variable without the prefix: platforms set it under this name.
	databaseFlag, databaseVariable = "database-url", "DATABASE_URL"
)

// misspelled are the variables that follow from the rule for all others, or from the exception to it.
var misspelled = map[string]string{"CUSTOMER_DATABASE_URL": databaseVariable, "DATABASE_URL_FILE": "CUSTOMER_DATABASE_URL_FILE"}

// setFromEnv sets the flags that have a variable, and returns a hint for every other variable with our prefix.
func setFromEnv(flags *flag.FlagSet, env []string) (unknown []string, err error) {
	for _, pair := range env {
		variable, value, _ := strings.Cut(pair, "=")
		if right := misspelled[variable]; right != "" && value != "" {
			unknown = append(unknown, variable+" is set but unknown; it is called "+right)
			continue
		}
		if variable == databaseVariable && value != "" {
			if err := flags.Set(databaseFlag, value); err != nil {
				return nil, usage("%s cannot be read", variable)
			}
		}
		if !strings.HasPrefix(variable, envPrefix) || value == "" {
			continue
		}
		name := strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(variable, envPrefix)), "_", "-")
		if flags.Lookup(name) == nil || len(name) == 1 || name == databaseFlag {
			if !slices.Contains(everyVariable(), variable) {
				unknown = append(unknown, variable+" is set but unknown"+didYouMean(variable, variables(flags)))
			}
		} else if flags.Set(name, value) != nil {
			return nil, badVariable(flags, name, variable)
		}
	}
	return unknown, nil
}

// clientTokens warns of the token of a client beside a server without tokens, which was perhaps meant to have them.
func clientTokens(env []string) (hints []string) {
	for _, pair := range env {
		switch variable, value, _ := strings.Cut(pair, "="); {
		case value == "":
		case variable == "CUSTOMER_TOKEN", variable == "CUSTOMER_TOKEN_FILE":
			hints = append(hints, variable+" is what import and export send; what a server asks for is "+strings.Replace(variable, "TOKEN", "TOKENS", 1))
		}
	}
	return hints
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
		return usage("unknown flag --%s; see %s", name, helpOf(flags))
	}
	return usage("%s; see %s", err, helpOf(flags))
}

// helpOf returns the command that tells the flags.
func helpOf(flags *flag.FlagSet) string {
	if name := flags.Name(); name == "import" || name == "export" {
		return "customerd " + name + " --help"
	}
	return "customerd --help"
}

// everyVariable returns the variables of all commands: they stand side by side in one environment.
func everyVariable() []string {
	return slices.Concat(
		variables(new(config).flags(new(given))), variables(new(importConfig).flags()), variables(new(exportConfig).flags()),
	)
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

// variables leaves out the short spellings of flags.
func variables(flags *flag.FlagSet) []string {
	out := slices.DeleteFunc(names(flags), func(name string) bool { return len(name) == 1 })
	for i, name := range out {
		if out[i] = envPrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_")); name == databaseFlag {
			out[i] = databaseVariable
		}
	}
	return out
}

func badVariable(flags *flag.FlagSet, name, variable string) error {
	if value, ok := flags.Lookup(name).Value.(interface{ IsBoolFlag() bool }); ok && value.IsBoolFlag() {
		return usage("%s must be true or false", variable)
	}
	return usage("%s has a value that --%s does not take", variable, name)
}
