package bulk

import (
	"errors"
	"fmt"

	"example.com/customer"
)

// action is what a plan asks of the store.
type action uint8

const (
	answer action = iota // nothing: the result is there
	create
	load
	update
)

// plan is what shall become of a row.
type plan struct {
	action action
	result Result            // of an answer
	have   holder            // what an update begins with
	next   customer.Customer // what it makes
	patch  customer.Patch

	changed []string // by the patch
}

func answered(r Result) plan { return plan{result: r} }

// decide plans a row by what is known of the store and of the rows before it. A dry run and an import make the same plans; where an import knows
// less, the store answers what a dry run has to work out.
func (r *run) decide(it *item) plan {
	if it.row.Err != nil {
		res, ok := refusal(it.row.Err)
		if !ok {
			res = Result{Outcome: Refused, Reason: Malformed, Detail: "the row cannot be read"}
		}
		return answered(res)
	}
	if it.row.archived {
		return answered(Result{
			Outcome: Skipped, Reason: Archived, Detail: "the row is an archived customer, whom CSV would bring back as an active one; NDJSON keeps the state",
		})
	}
	if it.row.Record != nil {
		return r.decideRecord(it)
	}
	if r.policy == Update {
		if have, ok := r.find(string(r.match), it.keys.of(string(r.match))); ok {
			return r.change(it, have)
		}
	}
	have, there := r.findID(it.keys.id)
	switch {
	case there && r.policy == Update:
		return r.change(it, have)
	case r.matchless(&it.row):
		// A misspelt name of a column would make every customer a second time.
		return answered(Result{Outcome: Refused, Reason: NoMatch, Detail: fmt.Sprintf(
			"the row has no %s, by which its customer is to be known; name a column or member %[1]s, or map one to it", r.match)})
	}
	if res, ok := refusal(it.err); ok {
		return answered(res)
	}
	if there {
		return r.taken("id", have)
	}
	if r.dry != nil {
		if res, ok := r.dry.replay(it); ok {
			return answered(res)
		}
	}
	if p, ok := r.met(it.keys); ok {
		return p
	}
	return plan{action: create}
}

// decideRecord plans a whole record, which is known by its ID alone.
func (r *run) decideRecord(it *item) plan {
	if r.loader == nil {
		return answered(Result{
			Outcome: Refused, Reason: NoLoader, Detail: "the row is a whole record, with an id, and this store takes none; leave out id, version, status and the times",
		})
	}
	if res, ok := refusal(it.err); ok {
		return answered(res)
	}
	if have, ok := r.findID(it.keys.id); ok {
		if r.policy == Update {
			return r.change(it, have)
		}
		return r.taken("id", have)
	}
	if p, ok := r.met(keysOf(&it.built)); ok {
		return p
	}
	return plan{action: load}
}

// change plans the update of a customer that is there.
func (r *run) change(it *item, have holder) plan {
	id := have.publicID()
	if have.customer.Status == customer.Archived {
		return answered(archived(id))
	}
	patch, part, named := it.row.patch(), it.row.part, have.customer.Name != ""
	if part != nil && named && part.isOf(it.row.Draft.Name, have.customer.Name) {
		patch.Name, part = nil, nil
	}
	next, changed, err := patch.Apply(have.customer, someTime)
	if res, ok := refusal(err); ok {
		res.ID = id
		return answered(res)
	}
	if part != nil && named {
		return answered(part.refusal(id))
	}
	if len(changed) == 0 {
		return answered(Result{Outcome: Unchanged, ID: id})
	}
	if p, ok := r.inTheWay(keysOf(&next), have.customer.ID); ok {
		return p
	}
	return plan{action: update, have: have, next: next, patch: patch, changed: changed}
}

// met finds the customer that keeps a row from being a new one. Where rows are skipped by their email, whoever has it may have the external id too.
func (r *run) met(k keys) (plan, bool) {
	if r.policy == Skip && r.match == customer.EmailKey {
		if have, ok := r.find("email", k.email); ok {
			if p, ok := r.inTheWay(k, have.customer.ID); ok {
				return p, true
			}
			return r.taken("email", have), true
		}
	}
	return r.inTheWay(k, customer.ID{})
}

// inTheWay finds a customer other than self that holds one of the keys, in the order in which stores look. A commit, which does not know who has
// them all, leaves that to the store.
func (r *run) inTheWay(k keys, self customer.ID) (plan, bool) {
	if r.dry == nil {
		return plan{}, false
	}
	for _, field := range [...]string{"external_id", "email"} {
		if have, ok := r.find(field, k.of(field)); ok && (self.IsZero() || have.customer.ID != self) {
			return r.taken(field, have), true
		}
	}
	return plan{}, false
}

// taken returns what becomes of a row when somebody has its field.
func (r *run) taken(field string, by holder) plan {
	id, matches := by.publicID(), r.match == "" || field == "id" || field == string(r.match)
	if r.policy != Skip || !matches {
		return answered(takenResult(Refused, field, id))
	}
	if by.customer.Status == customer.Archived {
		return answered(archived(id))
	}
	return answered(takenResult(Skipped, field, id))
}

func takenResult(o Outcome, field string, id customer.ID) Result {
	res := Result{Outcome: o, Reason: Reason(field + "_taken"), ID: id}
	switch field {
	case "id":
		res.Detail = "a customer has this id"
	case "external_id":
		res.Detail = "another customer, active or archived, has this external id"
	default:
		res.Detail = "another active customer has this email"
	}
	return res
}

func archived(id customer.ID) Result {
	return Result{Outcome: Skipped, Reason: Archived, ID: id, Detail: "the customer is archived; restore it first"}
}

func (k *keys) of(field string) string {
	if field == "email" {
		return k.email
	}
	return k.externalID
}

// refused returns the result of a row that the store refused, or the error if it is more than that.
func (r *run) refused(err error) (Result, error) {
	if res, ok := refusal(err); ok {
		return res, nil
	}
	if errors.Is(err, customer.ErrInvalid) {
		return Result{Outcome: Refused, Reason: Malformed, Detail: "the store takes no such customer"}, nil
	}
	return Result{}, err
}
