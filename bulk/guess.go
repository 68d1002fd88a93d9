package bulk

import (
	"slices"
	"strings"
	"unicode"

	"example.com/customer"
)

// columnName folds a name so that case, spaces, punctuation and accents make no difference.
func columnName(s string) string {
	folded := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) {
			return r
		}
		return -1
	}, customer.Fold(s))
	if folded == "" {
		return strings.TrimSpace(s)
	}
	return folded
}

// guesser finds columns by their names.
type guesser struct {
	at    map[string]int // the columns by name
	found map[int]target // by column
	taken map[target]bool
}

// guess adds the columns that are known by their names. Of several names of one target the likeliest counts; a whole name goes before its
// parts. What has no column then is looked for among the weaker names and the numbered ones, then with an affix, and then behind a prefix if none of its part has one, so
// that an address or a name is never made of two. It returns the part of the name whose column may have whole ones too.
func guess(names []string, found map[int]target) (whole kind) {
	g := guesser{make(map[string]int, len(names)), found, make(map[target]bool, len(found))}
	for i, name := range slices.Backward(names) {
		g.at[name] = i
	}
	for _, to := range found {
		g.taken[to] = true
	}
	whole = g.couple()
	halves := g.taken[target{kind: toFirst}] || g.taken[target{kind: toLast}]
	for _, a := range aliases {
		if a.to == wholeName && halves || a.to.isPart() && g.taken[wholeName] || a.to.kind == toNumber {
			continue
		}
		g.take(a.to, affix{}, namesOf(a.to))
	}
	for _, b := range beside {
		if slices.ContainsFunc(b.others, g.has) {
			g.take(b.to, affix{}, []string{b.name})
		}
	}
	for _, a := range weaker {
		if g.free(a.to) {
			g.take(a.to, affix{}, a.names)
		}
	}
	for _, field := range []Fields{Email, Phone} {
		to := target{kind: toText, field: field}
		g.take(to, affix{behind: "1"}, namesOf(to))
	}
	g.affixed()
	g.prefixed()
	g.houseNumber()
	return whole
}

// couple takes two columns that are parts of names beside each other, and returns which of them is the whole name alone.
func (g *guesser) couple() (whole kind) {
	if !g.free(wholeName) {
		return toNothing
	}
	for _, a := range append([]affix{{}}, affixes...) {
		for _, c := range couples {
			first, last := target{kind: toFirst}, target{kind: toLast}
			one, other := first, last
			if c.last {
				one, other = last, first
			}
			if !g.unmapped(a.of(c.whole)) || !g.hasAny(a, c.others) || g.hasAny(a, namesOf(one)) {
				continue
			}
			g.take(one, a, []string{c.whole})
			g.take(other, a, c.others)
			return one.kind
		}
		if g.hasAny(a, namesOf(wholeName)) || g.hasAny(a, namesOf(target{kind: toLast})) {
			return toNothing
		}
	}
	return toNothing
}

// affixed takes what is said to be about the customer.
func (g *guesser) affixed() {
	for _, part := range ownParts {
		if !slices.ContainsFunc(part, func(to target) bool { return !g.free(to) }) {
			g.takePart(part, affixes, nil)
		}
	}
}

// prefixed takes the likeliest of what there may be several of.
func (g *guesser) prefixed() {
	for _, part := range parts {
		if !slices.ContainsFunc(part, func(to target) bool { return !g.free(to) }) {
			g.takePart(part, prefixes, codes)
		}
	}
}

// takePart takes the columns that have the first of the affixes with which the part makes sense. The names of codes are for prefixes.
func (g *guesser) takePart(part []target, of []affix, codes map[Fields][]string) {
	for _, a := range of {
		if !slices.ContainsFunc(part, func(to target) bool { return makesSense(part, to, codes == nil) && g.hasAny(a, namesOf(to)) }) {
			continue
		}
		for _, to := range part {
			g.take(to, a, slices.Concat(namesOf(to), codes[to.field]))
		}
		return
	}
}

// makesSense reports whether the part does with this field of it alone: the first, or in an address of the customer's own, one that only addresses have.
func makesSense(part []target, to target, own bool) bool {
	return to == part[0] || own && (to.field == City || to.field == PostalCode)
}

// houseNumber takes the number of a house where there is a street that it can stand behind.
func (g *guesser) houseNumber() {
	for _, street := range streets {
		if i, ok := g.at[street]; ok && g.found[i] == (target{kind: toText, field: Line1}) {
			g.take(target{kind: toNumber}, affix{}, houseNumbers)
		}
	}
}

// has reports whether there is a column of the name.
func (g *guesser) has(name string) bool {
	_, ok := g.at[name]
	return ok
}

// hasAny reports whether there is a column of one of the names, with an affix, that is nothing yet.
func (g *guesser) hasAny(a affix, names []string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return g.unmapped(a.of(name)) })
}

// unmapped reports whether there is a column of the name that is nothing yet.
func (g *guesser) unmapped(name string) bool {
	i, ok := g.at[name]
	if _, mapped := g.found[i]; mapped {
		return false
	}
	return ok
}

// free reports whether no column has the target, or for a name, any of it.
func (g *guesser) free(to target) bool {
	if to == wholeName || to.isPart() {
		return !g.taken[wholeName] && !g.taken[target{kind: toFirst}] && !g.taken[target{kind: toLast}]
	}
	return !g.taken[to]
}

// take finds the first of the names, with an affix, among the columns that are nothing yet.
func (g *guesser) take(to target, a affix, names []string) {
	if g.taken[to] {
		return
	}
	for _, name := range names {
		if name = a.of(name); g.unmapped(name) {
			g.found[g.at[name]], g.taken[to] = to, true
			return
		}
	}
}

// namesOf returns the aliases of a target. The lines of an address have their own with that word before them, too.
func namesOf(to target) []string {
	for _, a := range aliases {
		if a.to != to {
			continue
		}
		names := slices.Clip(a.names)
		if to.field&(Line1|Line2|City|Region|PostalCode|Country) != 0 {
			for _, name := range a.names {
				names = append(names, "address"+name)
			}
		}
		return names
	}
	return nil
}
