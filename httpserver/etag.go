package httpserver

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"example.com/customer"
)

// etag is the strong ETag of a version.
func etag(v customer.Version) string { return `"` + strconv.FormatInt(int64(v), 10) + `"` }

// etags is the value of an If-Match or If-None-Match header. The zero value is an absent header.
type etags struct {
	present bool
	any     bool     // *
	strong  []string // with their quotes
	weak    []string // without W/
}

// readETags reads the precondition of a request for one customer.
func (c *call) readETags(single bool) error {
	if !c.reads() && c.scope != ScopeRead && len(c.r.Header.Values("If-None-Match")) > 0 {
		return &problem{code: codeInvalidHeader, detail: "If-None-Match is for reading; a change takes If-Match."}
	}
	if !single {
		return nil
	}
	name := "If-Match"
	if c.reads() {
		name = "If-None-Match"
	}
	var ok bool
	if c.tags, ok = parseETags(c.r.Header.Values(name)); !ok {
		return &problem{code: codeInvalidHeader, detail: name + ` takes ETags in double quotes, as in ` + name + `: "3", or *.`}
	}
	return nil
}

// parseETags reads a list of entity tags (RFC 9110, section 8.8.3), whose lines count as one.
func parseETags(values []string) (tags etags, ok bool) {
	if values == nil {
		return etags{}, true
	}
	tags.present = true
	rest := strings.Join(values, ",")
	if strings.Trim(rest, " \t") == "*" {
		tags.any = true
		return tags, true
	}
	for {
		if rest = strings.TrimLeft(rest, " \t,"); rest == "" {
			return tags, len(tags.strong)+len(tags.weak) > 0
		}
		opaque, weak := strings.CutPrefix(rest, "W/")
		length := quotedLength(opaque)
		if length == 0 {
			return etags{}, false
		}
		if weak {
			tags.weak = append(tags.weak, opaque[:length])
		} else {
			tags.strong = append(tags.strong, opaque[:length])
		}
		if rest = strings.TrimLeft(opaque[length:], " \t"); rest != "" && rest[0] != ',' {
			return etags{}, false
		}
	}
}

// quotedLength returns the length of the quoted tag that s begins with, 0 if it begins with none.
func quotedLength(s string) int {
	if s == "" || s[0] != '"' {
		return 0
	}
	for i := 1; i < len(s); i++ {
		switch b := s[i]; {
		case b == '"':
			return i + 1
		case b <= ' ' || b == 0x7f:
			return 0
		}
	}
	return 0
}

// match compares weakly, as If-None-Match does.
func (t etags) match(tag string) bool {
	return t.any || slices.Contains(t.strong, tag) || slices.Contains(t.weak, tag)
}

// versions returns the versions that If-Match names. A tag that is no version's, or weak, never matches.
func (t etags) versions() []customer.Version {
	var out []customer.Version
	for _, tag := range t.strong {
		n, err := strconv.ParseInt(strings.Trim(tag, `"`), 10, 64)
		if v := customer.Version(n); err == nil && n > 0 && etag(v) == tag {
			out = append(out, v)
		}
	}
	return out
}

// needMatch refuses a change without If-Match where it is required.
func (c *call) needMatch(required bool) error {
	if !required || c.tags.present {
		return nil
	}
	return &problem{
		code:   codeIfMatchRequired,
		detail: `Say which version you mean: send If-Match with the ETag you have read, as in If-Match: "3", or If-Match: * for whatever is current.`,
	}
}

// change calls f with the version that If-Match names. Of several it tries the one that turns out to be current.
func (c *call) change(f func(customer.Version) (customer.Customer, error)) (customer.Customer, error) {
	if !c.tags.present || c.tags.any {
		return f(customer.AnyVersion)
	}
	versions := c.tags.versions()
	if len(versions) == 0 {
		current, err := c.store.Get(c.r.Context(), c.id)
		if err != nil {
			return customer.Customer{}, err
		}
		return customer.Customer{}, &customer.StaleError{ID: c.id, Have: current.Version}
	}
	for v := versions[0]; ; {
		record, err := f(v)
		stale, ok := errors.AsType[*customer.StaleError](err)
		if !ok || stale.Have == v || !slices.Contains(versions, stale.Have) {
			return record, err
		}
		v = stale.Have
	}
}
