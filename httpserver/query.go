package httpserver

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"example.com/customer"
)

// listQuery is what the parameters of a list ask for.
type listQuery struct {
	customer.Query
	count string // "", "true" or "exact"
}

// listParams collects the query and all that is wrong with it.
type listParams struct {
	out    listQuery
	where  []customer.Filter
	faults []fault
	blame  string // the parameter to name if the filter is too large as a whole
}

// parseList reads the parameters of a list or search; active customers are implied as in the contract.
func parseList(values url.Values) (listQuery, error) {
	filter, out, err := parseFilter(values)
	if err != nil {
		return listQuery{}, err
	}
	out.Where = customer.ActiveUnlessNamed(filter)
	return out, nil
}

// parseFilter is parseList before active customers are implied.
func parseFilter(values url.Values) (customer.Filter, listQuery, error) {
	var p listParams
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if err := p.read(name, values[name]); err != nil {
			p.faults = append(p.faults, paramFault(name, err))
		}
		if len(p.faults) > maxFaults {
			break
		}
	}
	var filter customer.Filter
	if len(p.where) > 0 {
		filter = customer.And(p.where...)
	}
	if len(p.faults) == 0 {
		if err := (customer.Query{Where: filter}).Validate(); err != nil {
			p.faults = append(p.faults, paramFault(p.blame, err))
		}
	}
	if len(p.faults) > 0 {
		return nil, listQuery{}, badParams(p.faults)
	}
	return filter, p.out, nil
}

func (p *listParams) read(name string, values []string) error {
	switch name {
	case "q", "sort", "limit", "cursor", "count":
		if len(values) > 1 {
			return repeated()
		}
		return p.control(name, values[0])
	}
	field, op, ok := splitParam(name)
	if !ok {
		return unknownParam(name)
	}
	f, err := filterOf(field, op, values)
	p.add(name, f)
	return err
}

func (p *listParams) add(name string, f customer.Filter) {
	p.where = append(p.where, f)
	if p.blame == "" || name == "q" {
		p.blame = name
	}
}

func (p *listParams) control(name, value string) (err error) {
	switch name {
	case "q":
		f, err := customer.ParseText(value)
		p.add(name, f)
		return err
	case "sort":
		p.out.OrderBy = customer.Order(value)
		if value == "" {
			return badValue("must not be empty; leave it out for newest first")
		}
		return p.out.Query.Validate()
	case "limit":
		if p.out.Limit, err = strconv.Atoi(value); err != nil || value != strconv.Itoa(p.out.Limit) || p.out.Limit < 1 || p.out.Limit > customer.MaxLimit {
			return badValue(fmt.Sprintf("must be 1 to %d", customer.MaxLimit))
		}
	case "cursor":
		if p.out.After = customer.Cursor(value); value == "" {
			return &customer.QueryError{Code: customer.CodeInvalidCursor, Message: "must not be empty; leave it out for the first page"}
		}
	case "count":
		if p.out.count = value; value != "true" && value != "exact" {
			return badValue("must be true, which stops at 10,000, or exact")
		}
	}
	return nil
}

// paramFault is the fault of one parameter; err is a [*customer.QueryError], of a store perhaps that has codes of its own.
func paramFault(name string, err error) fault {
	f := fault{Parameter: new(shown(name)), Code: string(codeInvalidQuery), Detail: "is not supported"}
	query, ok := errors.AsType[*customer.QueryError](err)
	if !ok {
		return f
	}
	f.Detail = query.Message
	if kinds[code(query.Code)].status == http.StatusBadRequest {
		f.Code = string(query.Code)
	}
	if query.Param == "q" {
		f.Offset = new(query.Offset)
	}
	return f
}

// unknownParams refuses every parameter of a path that takes none.
func unknownParams(values url.Values, detail string) []fault {
	var faults []fault
	for _, name := range slices.Sorted(maps.Keys(values)) {
		faults = append(faults, fault{Parameter: new(shown(name)), Code: string(codeUnknownParameter), Detail: detail})
	}
	return faults
}

// badParams is the 400 for faults of the parameters.
func badParams(faults []fault) *problem {
	detail := "The parameter " + *faults[0].Parameter + " " + faults[0].Detail
	if faults[0].Offset != nil {
		detail = fmt.Sprintf("The parameter q, at byte %d: %s", *faults[0].Offset, faults[0].Detail)
	}
	return &problem{code: code(faults[0].Code), detail: firstOf(faults, detail), errors: faults}
}

// shown returns the name of a parameter as an answer repeats it: whatever came, not all of it.
func shown(name string) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	if utf8.RuneCountInString(name) > 64 {
		name = string([]rune(name)[:64])
	}
	return name
}
