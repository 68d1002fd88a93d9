package storetest_test

import (
	"context"
	"errors"
	"strings"
	"sync"

	"example.com/customer"
)

// rewrite returns f with every node replaced by what change makes of it, leaves first.
func rewrite(f customer.Filter, change func(f customer.Filter) customer.Filter) customer.Filter {
	each := func(fs []customer.Filter) []customer.Filter {
		out := make([]customer.Filter, len(fs))
		for i := range fs {
			out[i] = rewrite(fs[i], change)
		}
		return out
	}
	switch node := f.(type) {
	case customer.AllOf:
		f = customer.AllOf(each(node))
	case customer.AnyOf:
		f = customer.AnyOf(each(node))
	case customer.NoneOf:
		f = customer.NoneOf(each(node))
	}
	return change(f)
}

// compiling returns a compiler that checks the filter as it is and answers another.
func compiling(change func(f customer.Filter) customer.Filter) func(f customer.Filter) (customer.Matcher, error) {
	return func(f customer.Filter) (customer.Matcher, error) {
		sound, err := customer.Compile(f)
		if err != nil || f == nil {
			return sound, err
		}
		if faulty, err := customer.Compile(rewrite(f, change)); err == nil {
			return faulty, nil
		}
		return sound, nil
	}
}

func brokenSearch() []broken {
	return []broken{
		{"drops Not", "search/and,_or,_not", func(r *reference) customer.Store {
			r.rules.compile = compiling(func(f customer.Filter) customer.Filter {
				if _, ok := f.(customer.NoneOf); ok {
					return customer.And()
				}
				return f
			})
			return r
		}},
		{"takes Or for And", "filter/random", func(r *reference) customer.Store {
			r.rules.compile = compiling(func(f customer.Filter) customer.Filter {
				if either, ok := f.(customer.AnyOf); ok && len(either) > 0 {
					return customer.AllOf(either)
				}
				return f
			})
			return r
		}},
		{"has three values of truth", "search/and,_or,_not", func(r *reference) customer.Store {
			r.rules.compile = compiling(func(f customer.Filter) customer.Filter {
				if none, ok := f.(customer.NoneOf); ok && len(none) == 1 {
					if m, ok := none[0].(customer.Match); ok {
						return customer.And(f, m.Field.Present())
					}
				}
				return f
			})
			return r
		}},
		{"takes a percent sign for anything", "search/signs_of_query_languages", func(r *reference) customer.Store {
			r.rules.compile = compiling(func(f customer.Filter) customer.Filter {
				if m, ok := f.(customer.Match); ok && m.Field == customer.ByName && m.Op == customer.Prefix {
					values := strings.Split(m.Values[0], "%")
					return customer.And(m.Field.Prefix(values[0]), m.Field.Contains(values[len(values)-1]+values[0]))
				}
				return f
			})
			return r
		}},
		{"reads spans with both ends", "search/sets,_times_and_presence", func(r *reference) customer.Store {
			r.rules.compile = compiling(func(f customer.Filter) customer.Filter {
				if s, ok := f.(customer.Span); ok && !s.To.IsZero() {
					s.To = s.To.Add(1000)
					return s
				}
				return f
			})
			return r
		}},
		{"folds case but not accents", "search/folding", func(r *reference) customer.Store {
			r.rules.index = func(_ *row, c customer.Customer) customer.Keys {
				k := customer.KeysOf(c)
				k.Name, k.City = strings.ToLower(c.Name), strings.ToLower(c.Address.City)
				return k
			}
			return r
		}},
		{"looks for words in the name only", "search/words", func(r *reference) customer.Store {
			r.rules.index = func(_ *row, c customer.Customer) customer.Keys {
				k := customer.KeysOf(c)
				k.Words = customer.KeysOf(customer.Customer{Name: c.Name}).Words
				return k
			}
			return r
		}},
		{"searches a stale copy", "read/own_writes", func(r *reference) customer.Store {
			r.rules.index = func(before *row, c customer.Customer) customer.Keys {
				if before != nil {
					return before.keys
				}
				return customer.KeysOf(c)
			}
			return r
		}},
		{"ignores a node it does not know", "limit/unknown_filters", func(r *reference) customer.Store {
			return altered{Store: r, search: func(ctx context.Context, q customer.Query) (customer.Page, error) {
				if errors.Is(q.Validate(), errors.ErrUnsupported) {
					q.Where = nil
				}
				return r.Search(ctx, q)
			}}
		}},
		{"shows active customers unless told otherwise", "search/sets,_times_and_presence", func(r *reference) customer.Store {
			return altered{Store: r, search: func(ctx context.Context, q customer.Query) (customer.Page, error) {
				q.Where = customer.ActiveUnlessNamed(q.Where)
				return r.Search(ctx, q)
			}}
		}},
		{"counts what it does not know exactly", "read/count", func(r *reference) customer.Store {
			return altered{Store: r, count: func(ctx context.Context, f customer.Filter, limit int) (customer.Total, error) {
				total, err := r.Count(ctx, f, limit)
				total.Exact = total.Exact || total.Value == limit
				return total, err
			}}
		}},
	}
}

func brokenPages() []broken {
	return []broken{
		{"orders ties by ascending ID when descending", "paging/ties", func(r *reference) customer.Store {
			r.rules.compare = func(a, b customer.Position, o customer.Order) int {
				_, descending := o.Key()
				if a.Key == b.Key && a.Time.Equal(b.Time) && descending {
					return b.Compare(a, o)
				}
				return a.Compare(b, o)
			}
			return r
		}},
		{"goes on behind all ties", "paging/ties", func(r *reference) customer.Store {
			r.rules.compare = func(a, b customer.Position, o customer.Order) int {
				a.ID, b.ID = customer.ID{}, customer.ID{}
				return a.Compare(b, o)
			}
			return r
		}},
		{"pages by offset", "paging/writes_between_pages", func(r *reference) customer.Store {
			var offsets sync.Map // by cursor
			return altered{Store: r, search: func(ctx context.Context, q customer.Query) (customer.Page, error) {
				page, err := r.Search(ctx, q)
				if err != nil {
					return page, err
				}
				offset := 0
				if at, ok := offsets.Load(q.After); ok {
					offset = at.(int)
				}
				first := q
				first.After, first.Limit = "", customer.MaxLimit
				all, err := r.Search(ctx, first)
				if err != nil || all.Next != "" {
					return page, err
				}
				rest := all.Customers[min(offset, len(all.Customers)):]
				page = customer.Page{Customers: rest[:min(len(rest), q.PageSize())]}
				if n := len(page.Customers); len(rest) > n {
					page.Next = customer.NextCursor(q, r.tenant, page.Customers[n-1])
					offsets.Store(page.Next, offset+n)
				}
				return page, nil
			}}
		}},
		{"loses the customer at the page boundary", "paging/every_order_and_limit", func(r *reference) customer.Store {
			return altered{Store: r, search: func(ctx context.Context, q customer.Query) (customer.Page, error) {
				page, err := r.Search(ctx, q)
				if q.After != "" && len(page.Customers) > 0 && page.Next == "" {
					page.Customers = page.Customers[1:]
				}
				return page, err
			}}
		}},
		{"has a cursor for an empty page", "paging/page_sizes", func(r *reference) customer.Store {
			return altered{Store: r, search: func(ctx context.Context, q customer.Query) (customer.Page, error) {
				page, err := r.Search(ctx, q)
				if n := len(page.Customers); n > 0 && n == q.PageSize() {
					page.Next = customer.NextCursor(q, r.tenant, page.Customers[n-1])
				}
				return page, err
			}}
		}},
		{"cuts a limit that is too high", "paging/malformed_queries", func(r *reference) customer.Store {
			return altered{Store: r, search: func(ctx context.Context, q customer.Query) (customer.Page, error) {
				q.Limit = min(q.Limit, customer.MaxLimit)
				return r.Search(ctx, q)
			}}
		}},
		{"begins anew with the cursor of another query", "cursor/of_another_query", func(r *reference) customer.Store {
			return altered{Store: r, search: func(ctx context.Context, q customer.Query) (customer.Page, error) {
				page, err := r.Search(ctx, q)
				if fault, ok := errors.AsType[*customer.QueryError](err); ok && fault.Code == customer.CodeCursorMismatch {
					q.After = ""
					return r.Search(ctx, q)
				}
				return page, err
			}}
		}},
		{"forgives white space in a cursor", "cursor/damaged", func(r *reference) customer.Store {
			return altered{Store: r, search: func(ctx context.Context, q customer.Query) (customer.Page, error) {
				q.After = customer.Cursor(strings.TrimSpace(string(q.After)))
				return r.Search(ctx, q)
			}}
		}},
		{"never ends", "paging/every_order_and_limit", func(r *reference) customer.Store {
			return altered{Store: r, search: func(ctx context.Context, q customer.Query) (customer.Page, error) {
				page, err := r.Search(ctx, q)
				if err == nil && page.Next == "" && q.After != "" {
					q.After = ""
					return r.Search(ctx, q)
				}
				return page, err
			}}
		}},
	}
}
