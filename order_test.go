package customer_test

import (
	"testing"

	"pgregory.net/rapid"

	"example.com/customer"
)

func TestCompareIsATotalOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := rapid.SampledFrom(append(customer.Orders(), "")).Draw(t, "order")
		a, b, c := drawCustomer(t), drawCustomer(t), drawCustomer(t)
		ab, ba := customer.Compare(a, b, o), customer.Compare(b, a, o)
		switch {
		case ab != -ba:
			t.Fatalf("Compare is %d one way and %d the other", ab, ba)
		case (ab == 0) != (customer.PositionOf(o, a) == customer.PositionOf(o, b)):
			t.Fatalf("Compare is %d for %+v and %+v", ab, customer.PositionOf(o, a), customer.PositionOf(o, b))
		case ab <= 0 && customer.Compare(b, c, o) <= 0 && customer.Compare(a, c, o) > 0:
			t.Fatal("Compare is not transitive")
		}
		if name, descending := o.Key(); descending && customer.Compare(a, b, customer.Order(name)) != ba {
			t.Fatal("descending is not ascending backwards")
		}
	})
}

func TestCompareOrdersByKeyAndThenByID(t *testing.T) {
	t.Parallel()
	first, second := customer.ID{15: 1}, customer.ID{15: 2}
	for _, tt := range []struct {
		name string
		o    customer.Order
		a, b customer.Customer // a comes first
	}{
		{"newest first", "", customer.Customer{CreatedAt: noon}, customer.Customer{CreatedAt: noon.Add(-1000)}},
		{"newest first by name", customer.NewestFirst, customer.Customer{CreatedAt: noon}, customer.Customer{CreatedAt: noon.Add(-1000)}},
		{"oldest first", customer.OldestFirst, customer.Customer{CreatedAt: noon.Add(-1000)}, customer.Customer{CreatedAt: noon}},
		{"the same instant by id, descending", "", customer.Customer{ID: second, CreatedAt: noon}, customer.Customer{ID: first, CreatedAt: noon}},
		{"the same name by id", customer.NameAZ, customer.Customer{ID: first, Name: "ADA"}, customer.Customer{ID: second, Name: "ada"}},
		{"no name comes first", customer.NameAZ, customer.Customer{ID: second}, customer.Customer{ID: first, Name: "a"}},
		{"no name comes last, descending", customer.NameZA, customer.Customer{ID: first, Name: "a"}, customer.Customer{ID: second}},
		{"names without accents", customer.NameAZ, customer.Customer{Name: "Éa"}, customer.Customer{Name: "eb"}},
		{"companies", customer.CompanyAZ, customer.Customer{Company: "a"}, customer.Customer{Company: "B"}},
		{"companies, descending", customer.CompanyZA, customer.Customer{Company: "B"}, customer.Customer{Company: "a"}},
		{"emails without case", customer.EmailAZ, customer.Customer{Email: "A@b.co"}, customer.Customer{Email: "b@B.co"}},
		{"last updated first", customer.UpdatedLast, customer.Customer{UpdatedAt: noon}, customer.Customer{UpdatedAt: noon.Add(-1000)}},
		{"first updated first", customer.UpdatedFirst, customer.Customer{UpdatedAt: noon.Add(-1000)}, customer.Customer{UpdatedAt: noon}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if customer.Compare(tt.a, tt.b, tt.o) >= 0 || customer.Compare(tt.b, tt.a, tt.o) <= 0 {
				t.Errorf("Compare = %d and %d", customer.Compare(tt.a, tt.b, tt.o), customer.Compare(tt.b, tt.a, tt.o))
			}
		})
	}
}
