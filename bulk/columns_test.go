package bulk_test

import (
	"strings"
	"testing"

	"example.com/customer/bulk"
)

func TestColumns(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, file string
		o          bulk.ReaderOptions
		want       []bulk.Column
	}{
		{
			name: "known names, and metadata", file: "Surname,First Name,E-Mail,Zip,labels,metadata,metadata.plan,Shoe size, reason\n",
			want: []bulk.Column{
				{"Surname", "last_name"},
				{"First Name", "first_name"},
				{"E-Mail", "email"},
				{"Zip", "address.postal_code"},
				{"labels", "tags"},
				{"metadata", "metadata"},
				{"metadata.plan", "metadata.plan"},
				{"Shoe size", "metadata.Shoe_size"},
				{"reason", ""},
			},
		},
		{
			name: "every text field", file: "external_id,name,email,phone,company,notes,line1,line2,city,region,postal_code,country",
			want: []bulk.Column{
				{"external_id", "external_id"},
				{"name", "name"},
				{"email", "email"},
				{"phone", "phone"},
				{"company", "company"},
				{"notes", "notes"},
				{"line1", "address.line1"},
				{"line2", "address.line2"},
				{"city", "address.city"},
				{"region", "address.region"},
				{"postal_code", "address.postal_code"},
				{"country", "address.country"},
			},
		},
		{
			name: "mapped columns and one without a name", file: "Kunde,Egal,\nAda,,\n", o: bulk.ReaderOptions{Map: map[string]string{"kunde": "name", "egal": "-"}},
			want: []bulk.Column{{"Kunde", "name"}, {"Egal", ""}, {"", ""}},
		},
		{name: "NDJSON has none", file: "{\"name\":\"Ada\"}\n"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := bulk.NewReader(strings.NewReader(tt.file), bulk.Detect, tt.o)
			if err != nil {
				t.Fatal(err)
			}
			equal(t, "columns", r.Columns(), tt.want)
		})
	}
}
