package billing_test

import (
	"errors"
	"sync"
	"testing"

	"example.com/customer"
	"example.com/customer/memstore"

	billing "example.com/customer/examples/unittest"
)

// The store in memory is the fake: it keeps every rule of the real one, so that there is nothing to set up but data.
func newBiller(t *testing.T, d customer.Draft) (billing.Biller, *memstore.Store, customer.Customer) {
	t.Helper()
	store := memstore.New()
	c, err := store.Create(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return billing.Biller{Customers: store}, store, c
}

func TestBillNumbersTheInvoicesOfACustomer(t *testing.T) {
	t.Parallel()
	biller, _, ada := newBiller(t, customer.Draft{Name: "Ada", Email: "ada@example.com"})
	for number := 1; number <= 3; number++ {
		got, err := biller.Bill(t.Context(), ada.ID, 4200)
		if want := (billing.Invoice{Number: number, To: "ada@example.com", Cents: 4200}); got != want || err != nil {
			t.Errorf("Bill = %+v, %v, want %+v", got, err, want)
		}
	}
}

func TestBillGivesNoNumberTwice(t *testing.T) {
	t.Parallel()
	biller, store, ada := newBiller(t, customer.Draft{Email: "ada@example.com"})
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			if _, err := biller.Bill(t.Context(), ada.ID, 1); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	got, err := store.Get(t.Context(), ada.ID)
	if err != nil || got.Metadata["last_invoice"] != "20" || got.Version != 21 {
		t.Errorf("after 20 invoices: %v, version %d, %v", got.Metadata, got.Version, err)
	}
}

func TestBillRefusesWhomItCannotBill(t *testing.T) {
	t.Parallel()
	t.Run("a customer without email", func(t *testing.T) {
		t.Parallel()
		biller, _, c := newBiller(t, customer.Draft{Name: "Ada"})
		if _, err := biller.Bill(t.Context(), c.ID, 1); !errors.Is(err, billing.ErrNoRecipient) {
			t.Errorf("Bill: %v", err)
		}
	})
	t.Run("an archived customer", func(t *testing.T) {
		t.Parallel()
		biller, store, c := newBiller(t, customer.Draft{Email: "ada@example.com"})
		if _, err := customer.Archive(t.Context(), store, c.ID, c.Version); err != nil {
			t.Fatal(err)
		}
		if _, err := biller.Bill(t.Context(), c.ID, 1); !errors.Is(err, customer.ErrArchived) {
			t.Errorf("Bill: %v", err)
		}
	})
	t.Run("nobody", func(t *testing.T) {
		t.Parallel()
		biller, _, _ := newBiller(t, customer.Draft{Name: "Ada"})
		if _, err := biller.Bill(t.Context(), customer.NewID(), 1); !errors.Is(err, customer.ErrNotFound) {
			t.Errorf("Bill: %v", err)
		}
	})
}
