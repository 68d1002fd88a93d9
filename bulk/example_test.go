package bulk_test

import (
	"context"
	"fmt"
	"os"
	"strings"

	"example.com/customer"
	"example.com/customer/bulk"
	"example.com/customer/memstore"
)

func Example() {
	ctx := context.Background()
	store := memstore.New()
	file := strings.NewReader("First Name,Last Name,E-Mail,Plan\nAda,Lovelace,ada@example.com,gold\nCharles,Babbage,charles at example.com,\n")

	r, err := bulk.NewReader(file, bulk.Detect, bulk.ReaderOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	imp := bulk.Importer{Store: store, Mode: bulk.Commit, OnConflict: bulk.Update, Match: customer.EmailKey}
	sum, err := imp.Run(ctx, r.Rows(), func(res bulk.Result) error {
		fmt.Println("line", res.Line, res.Outcome, res.Errors)
		return nil
	})
	fmt.Println(sum.Created, "created,", sum.Refused, "refused,", err)
	// Output:
	// line 2 created []
	// line 3 refused [email must be one address such as ada@example.com: at most 254 bytes, 64 before the @, no quotes, no comments]
	// 1 created, 1 refused, <nil>
}

func ExampleImporter_Run_rows() {
	rows := func(yield func(bulk.Row, error) bool) {
		for i, name := range []string{"Ada", "Charles"} {
			if !yield(bulk.Row{Line: i + 1, Draft: customer.Draft{Name: name, ExternalID: fmt.Sprint("CRM-", i)}, Fields: bulk.Name}, nil) {
				return
			}
		}
	}
	// Without a mode it is a dry run.
	sum, err := bulk.Importer{Store: memstore.New()}.Run(context.Background(), rows, nil)
	fmt.Println(string(sum.AppendJSON(nil)), err)
	// Output: {"end":true,"rows":2,"created":2,"updated":0,"unchanged":0,"skipped":0,"refused":0} <nil>
}

func ExampleExport() {
	ctx := context.Background()
	store := memstore.New()
	if _, err := store.Create(ctx, customer.Draft{Name: "Ada", Tags: []string{"vip"}}); err != nil {
		fmt.Println(err)
		return
	}
	n, err := bulk.Export(ctx, store, customer.HasAnyTag("churned"), os.Stdout, bulk.NDJSON, bulk.ExportOptions{})
	fmt.Println(n, err)
	// Output:
	// {"end":true,"count":0}
	// 0 <nil>
}

func ExampleReader_Complete() {
	file := strings.NewReader("id,version,name,created_at\n01970000-0000-7000-8000-000000000001,3,Ada,2026-01-02T03:04:05.000000Z\n")
	r, err := bulk.NewReader(file, bulk.Detect, bulk.ReaderOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	sum, err := bulk.Importer{Store: memstore.New(), Mode: bulk.Commit}.Run(context.Background(), r.Rows(), nil)
	fmt.Println(sum.Created, err)
	if !r.Complete() {
		fmt.Println("the export may have been cut off")
	}
	// Output:
	// 1 <nil>
	// the export may have been cut off
}

func ExampleNewRejectWriter() {
	file := strings.NewReader("name,phone\nAda,12345\nCharles,1\n")
	r, err := bulk.NewReader(file, bulk.CSV, bulk.ReaderOptions{})
	if err != nil {
		fmt.Println(err)
		return
	}
	rejects := bulk.NewRejectWriter(os.Stdout, r)
	sum, err := bulk.Importer{Store: memstore.New(), Mode: bulk.Commit}.Run(context.Background(), r.Rows(), rejects.Write)
	fmt.Println(sum.Created, err)
	// Output:
	// name,phone,reason
	// Charles,1,"invalid_phone: phone must have 3 to 20 digits and otherwise only spaces, + ( ) - . / # * , x ext tel"
	// 1 <nil>
}
