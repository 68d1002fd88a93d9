package memstore

import (
	"slices"
	"strings"

	"example.com/customer"
)

// trait is something that many customers have in common: being there, a status, or a field that is not empty.
type trait uint32

func (t trait) own() trait { return t }

const (
	anyone trait = iota
	isActive
	isArchived
	firstField // and on from here the fields that presentFields names
)

func presentFields() []string {
	return []string{
		string(customer.ByName), string(customer.ByCompany), string(customer.ByEmail), string(customer.ByEmailDomain), string(customer.ByPhone),
		string(customer.ByExternalID), string(customer.ByCity), string(customer.ByRegion), string(customer.ByPostalCode), string(customer.ByCountry),
		"notes", "address", "tag", "metadata", string(customer.ByArchivedAt),
	}
}

// hasField returns the trait of a field that customer.Present takes, but for a metadata key.
func hasField(name string) trait { return firstField + trait(slices.Index(presentFields(), name)) }

func hasStatus(s customer.Status) trait {
	if s == customer.Archived {
		return isArchived
	}
	return isActive
}

func (r *record) traits() []trait {
	c, k := &r.customer, &r.keys
	ts := append(make([]trait, 0, 20), anyone, hasStatus(c.Status))
	for i, is := range [...]bool{
		k.Name != "", k.Company != "", k.Email != "", k.Domain != "", k.Phone != "",
		c.ExternalID != "", k.City != "", k.Region != "", k.PostalCode != "", k.Country != "",
		c.Notes != "", c.Address != customer.Address{}, len(c.Tags) > 0, len(c.Metadata) > 0, !c.ArchivedAt.IsZero(),
	} {
		if is {
			ts = append(ts, firstField+trait(i))
		}
	}
	return ts
}

// term is a value that customers have in common. Equal terms mean the same.
type term struct {
	kind       termKind
	key, value string
}

type termKind uint8

const (
	hasText     termKind = iota // the key of the text field named key is value
	hasTag                      // value
	hasMetadata                 // value under key, "" for any
)

func tagTerm(tag string) term { return term{kind: hasTag, value: tag} }

func (t term) own() term {
	t.key, t.value = strings.Clone(t.key), strings.Clone(t.value)
	return t
}

// hasTerms reports the text fields with a term for every value. The others have another index for that: one that is ordered, unique, or
// made of grams.
func hasTerms(f customer.TextField) bool {
	switch f {
	case customer.ByEmailDomain, customer.ByCity, customer.ByRegion, customer.ByPostalCode, customer.ByCountry:
		return true
	}
	return false
}

func (r *record) terms() []term {
	c, k := &r.customer, &r.keys
	ts := make([]term, 0, 24)
	for _, t := range [...]term{
		{hasText, string(customer.ByEmailDomain), k.Domain},
		{hasText, string(customer.ByCity), k.City},
		{hasText, string(customer.ByRegion), k.Region},
		{hasText, string(customer.ByPostalCode), k.PostalCode},
		{hasText, string(customer.ByCountry), k.Country},
	} {
		if t.value != "" {
			ts = append(ts, t)
		}
	}
	for _, tag := range c.Tags {
		ts = append(ts, tagTerm(tag))
	}
	for key, value := range c.Metadata {
		ts = append(ts, term{kind: hasMetadata, key: key}, term{hasMetadata, key, value})
	}
	return ts
}
