package bulk

import (
	"fmt"
	"slices"
	"strings"

	"example.com/customer"
)

// wholeName is the target that the parts of a name stand for.
var wholeName = target{kind: toText, field: Name}

// isPart reports a part of a name.
func (t target) isPart() bool { return t.kind == toFirst || t.kind == toLast }

// namePart is the column that a file has of names, where that is one part of them alone. It makes names; it does not replace them.
type namePart struct {
	column string
	last   bool
}

// partOf returns the only column with a part of a name, or nil.
func partOf(columns []target, names []string) *namePart {
	var part *namePart
	for i, to := range columns {
		switch {
		case !to.isPart():
		case part != nil:
			return nil
		default:
			part = &namePart{column: names[i], last: to.kind == toLast}
		}
	}
	return part
}

// isOf reports whether the words of the part are where they belong in the name, compared as names are in a search.
func (p *namePart) isOf(part, name string) bool {
	words, whole := strings.Fields(customer.Fold(part)), strings.Fields(customer.Fold(name))
	n := len(whole) - len(words)
	if n < 0 {
		return false
	}
	if p.last {
		return slices.Equal(words, whole[n:])
	}
	return slices.Equal(words, whole[:len(words)])
}

// refusal returns the result of a row whose part is not in the name of the customer with the ID.
func (p *namePart) refusal(id customer.ID) Result {
	part, where := "first", "begin"
	if p.last {
		part, where = "last", "end"
	}
	return Result{Outcome: Refused, Reason: PartOfName, ID: id, Detail: fmt.Sprintf(
		"the row has only a %s name, and the name of the customer does not %s with it; add a column with the other part or the whole name, or map the one there is: %s",
		part, where, listed([]string{strings.TrimSpace(p.column) + "=name"}, 1))}
}

// joined makes the whole name of its parts, of which one may be whole already.
func (h *header) joined(first, last string) string {
	words := func(s string) int { return len(strings.Fields(s)) }
	switch {
	case h.whole == toFirst && words(first) > words(last) && (&namePart{last: true}).isOf(last, first):
		return strings.TrimSpace(first)
	case h.whole == toLast && words(last) > words(first) && (&namePart{}).isOf(first, last):
		return strings.TrimSpace(last)
	}
	return strings.TrimSpace(first + " " + last)
}
