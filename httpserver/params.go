package httpserver

import (
	"errors"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode"

	"example.com/customer"
)

// filterFields are the parameters that make filters, by the operators they take. metadata.<key> takes those of status.
var filterFields = func() map[string][]string {
	fields := map[string][]string{"status": {"", "not"}, "id": {"", "not"}, "tag": {"", "not", "all"}, "has": {"", "not"}}
	for _, f := range customer.TextFields() {
		fields[string(f)] = []string{"", "not", "contains", "prefix", "suffix"}
	}
	for _, f := range customer.TimeFields() {
		fields[string(f)] = []string{"", "gt", "gte", "lt", "lte"}
	}
	return fields
}()

// paramNames returns every parameter of a list but metadata.<key>.
func paramNames() []string {
	names := []string{"q", "sort", "limit", "cursor", "count"}
	for _, field := range slices.Sorted(maps.Keys(filterFields)) {
		for _, op := range filterFields[field] {
			names = append(names, strings.TrimSuffix(field+"."+op, "."))
		}
	}
	return names
}

// splitParam takes the name of a filter apart; ok is false where there is no such filter.
func splitParam(name string) (field, op string, ok bool) {
	key, isMetadata := strings.CutPrefix(name, "metadata.")
	if !isMetadata {
		field, op, dotted := strings.Cut(name, ".")
		return field, op, slices.Contains(filterFields[field], op) && dotted == (op != "")
	}
	key, op, dotted := strings.Cut(key, ".")
	return "metadata." + key, op, !dotted || op == "not"
}

// filterOf returns the filter that one parameter, with all its values, stands for. The error is a [*customer.QueryError] that names
// the field or the parameter.
func filterOf(field, op string, values []string) (customer.Filter, error) {
	if slices.Contains(values, "") {
		return nil, badValue("must not be empty" + hasHint(field))
	}
	f, err := filterNode(field, op, values)
	if err != nil {
		return nil, err
	}
	if err := (customer.Query{Where: f}).Validate(); err != nil {
		if bad, ok := errors.AsType[*customer.QueryError](err); ok && strings.Contains(strings.Join(values, ""), ",") && isSet(field) {
			return nil, badValue(bad.Message + "; for any of several values repeat the parameter")
		}
		return nil, err
	}
	return f, nil
}

func filterNode(field, op string, values []string) (customer.Filter, error) {
	switch {
	case field == "status":
		statuses := make([]customer.Status, len(values))
		for i, v := range values {
			statuses[i] = customer.Status(v)
		}
		return negate(op, customer.HasStatus(statuses...)), nil
	case field == "id":
		return idFilter(op, values)
	case field == "tag" && op == "all":
		return customer.HasAllTags(values...), nil
	case field == "tag":
		return negate(op, customer.HasAnyTag(values...)), nil
	case field == "has":
		return presence(op, values), nil
	case slices.Contains(customer.TimeFields(), customer.TimeField(field)):
		return timeFilter(customer.TimeField(field), op, values)
	}
	if key, ok := strings.CutPrefix(field, "metadata."); ok {
		return negate(op, customer.HasMetadata(key, values...)), nil
	}
	return textFilter(customer.TextField(field), op, values)
}

func negate(op string, f customer.Filter) customer.Filter {
	if op == "not" {
		return customer.Not(f)
	}
	return f
}

func textFilter(field customer.TextField, op string, values []string) (customer.Filter, error) {
	if field == customer.ByEmail && slices.ContainsFunc(values, func(v string) bool { return strings.ContainsFunc(v, unicode.IsSpace) }) {
		return nil, badValue("must have no white space; write + as %2B")
	}
	switch op {
	case "contains":
		return field.Contains(values...), nil
	case "prefix":
		return field.Prefix(values...), nil
	case "suffix":
		return field.Suffix(values...), nil
	}
	return negate(op, field.Is(values...)), nil
}

func idFilter(op string, values []string) (customer.Filter, error) {
	ids := make([]customer.ID, len(values))
	for i, v := range values {
		var err error
		if ids[i], err = customer.ParseID(v); err != nil {
			return nil, badValue("must be a UUID of 36 characters; for any of several values repeat the parameter")
		}
	}
	return negate(op, customer.HasID(ids...)), nil
}

func presence(op string, fields []string) customer.Filter {
	all := make([]customer.Filter, len(fields))
	for i, field := range fields {
		all[i] = negate(op, customer.Has(field))
	}
	return customer.And(all...)
}

func timeFilter(field customer.TimeField, op string, values []string) (customer.Filter, error) {
	if op != "" && len(values) > 1 {
		return nil, repeated()
	}
	days := make([]customer.Filter, len(values))
	for i, value := range values {
		from, to, err := customer.ParseTime(value)
		if err != nil {
			return nil, err
		}
		switch op {
		case "gt":
			return field.Since(to), nil
		case "gte":
			return field.Since(from), nil
		case "lt":
			return field.Before(from), nil
		case "lte":
			return field.Before(to), nil
		}
		if to.Sub(from) != 24*time.Hour {
			return nil, badValue("must be a day such as 2026-01-31; for times use .gte, .gt, .lt and .lte")
		}
		days[i] = field.Between(from, to)
	}
	return customer.Or(days...), nil
}

// isSet reports the fields in which a comma is a mistake.
func isSet(field string) bool { return field == "status" || field == "tag" }

func hasHint(field string) string {
	if (customer.Query{Where: customer.Has(field)}).Validate() != nil {
		return ""
	}
	return "; has=" + field + " and has.not=" + field + " ask whether there is one"
}

func badValue(message string) *customer.QueryError {
	return &customer.QueryError{Code: customer.CodeInvalidParameter, Message: message}
}

func repeated() *customer.QueryError {
	return &customer.QueryError{Code: customer.Code(codeRepeatedParameter), Message: "may be given only once"}
}

// otherNames are what other services call our parameters.
var otherNames = map[string]string{
	"search": "q", "query": "q", "filter": "q", "order": "sort", "order_by": "sort", "sort_by": "sort", "page_size": "limit", "per_page": "limit",
	"page": "cursor", "page_token": "cursor", "offset": "cursor", "after": "cursor", "tags": "tag",
}

// unknownParam says what was probably meant.
func unknownParam(name string) *customer.QueryError {
	message := "is unknown"
	field, _, _ := strings.Cut(name, ".")
	if ours := otherNames[strings.ToLower(name)]; ours != "" {
		message += "; it is called " + ours + " here"
	} else if near := customer.Suggest(name, paramNames()); near != "" {
		message += "; did you mean " + near + "?"
	} else if ops := filterFields[field]; ops != nil {
		message += "; " + field + " takes " + field + strings.Join(ops, "=, "+field+".") + "="
	} else {
		message += "; there are q, sort, limit, cursor, count and the filters " +
			strings.Join(slices.Sorted(maps.Keys(filterFields)), ", ") + " and metadata.<key>, see /openapi.json"
	}
	return &customer.QueryError{Code: customer.Code(codeUnknownParameter), Message: message}
}

// parseParams parses a query string or form with the errors that [url.URL.Query] keeps to itself.
func parseParams(raw string) (url.Values, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, &problem{
			code:   codeMalformedRequest,
			detail: "The parameters cannot be parsed: in a value write %, &, ;, + and white space as %25, %26, %3B, %2B and %20, and send at most 10,000 parameters.",
		}
	}
	return values, nil
}
