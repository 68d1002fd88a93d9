package bulk_test

import (
	"strings"
	"testing"

	"example.com/customer/bulk"
)

// The headers of what other programs export. What is no field is metadata.
func TestColumnsOfOtherPrograms(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, header, want string }{
		{
			"Google Contacts",
			"First Name,Middle Name,Last Name,Nickname,Organization Name,Organization Title,Birthday,Notes,Photo,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Value,Phone 1 - Label,Phone 1 - Value,Phone 2 - Value,Address 1 - Label,Address 1 - Formatted,Address 1 - Street,Address 1 - City,Address 1 - PO Box,Address 1 - Region,Address 1 - Postal Code,Address 1 - Country,Address 1 - Extended Address",
			"First Name=first_name,Last Name=last_name,Organization Name=company,Notes=notes,Labels=tags,E-mail 1 - Value=email,Phone 1 - Value=phone,Address 1 - Street=address.line1,Address 1 - City=address.city,Address 1 - Region=address.region,Address 1 - Postal Code=address.postal_code,Address 1 - Country=address.country,Address 1 - Extended Address=address.line2",
		},
		{
			"Google Contacts of old", "Name,Given Name,Family Name,Notes,E-mail 1 - Type,E-mail 1 - Value,Phone 1 - Type,Phone 1 - Value,Organization 1 - Name",
			"Name=name,Notes=notes,E-mail 1 - Value=email,Phone 1 - Value=phone,Organization 1 - Name=company",
		},
		{
			"Outlook",
			"First Name,Middle Name,Last Name,Company,Job Title,Business Street,Business Street 2,Business City,Business State,Business Postal Code,Business Country/Region,Home Street,Home City,Home State,Home Postal Code,Home Country/Region,Other Street,Other City,Business Phone,Home Phone,Mobile Phone,E-mail Address,E-mail Type,Notes",
			"First Name=first_name,Last Name=last_name,Company=company,Business Street=address.line1,Business Street 2=address.line2,Business City=address.city,Business State=address.region,Business Postal Code=address.postal_code,Business Country/Region=address.country,Mobile Phone=phone,E-mail Address=email,Notes=notes",
		},
		{
			"Outlook with an address at home and no mobile phone", "First Name,Last Name,Home Street,Home City,Home Country/Region,Business City,Business Country/Region,Home Phone,E-mail Address",
			"First Name=first_name,Last Name=last_name,Home Street=address.line1,Home City=address.city,Home Country/Region=address.country,Home Phone=phone,E-mail Address=email",
		},
		{
			"Salesforce contacts", "Contact ID,Salutation,First Name,Last Name,Title,Mailing Street,Mailing City,Mailing State/Province,Mailing Zip/Postal Code,Mailing Country,Phone,Mobile,Fax,Email,Account Owner,Account Name",
			"Contact ID=external_id,First Name=first_name,Last Name=last_name,Mailing Street=address.line1,Mailing City=address.city,Mailing State/Province=address.region,Mailing Zip/Postal Code=address.postal_code,Mailing Country=address.country,Phone=phone,Email=email,Account Name=company",
		},
		{
			"Salesforce by its API", "Id,FirstName,LastName,MailingStreet,MailingCity,MailingState,MailingPostalCode,MailingCountry,OtherStreet,OtherCity,Phone,Email",
			"Id=external_id,FirstName=first_name,LastName=last_name,MailingStreet=address.line1,MailingCity=address.city,MailingState=address.region,MailingPostalCode=address.postal_code,MailingCountry=address.country,Phone=phone,Email=email",
		},
		{
			"Shopify",
			"Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Default Address Company,Default Address Address1,Default Address Address2,Default Address City,Default Address Province Code,Default Address Country Code,Default Address Zip,Default Address Phone,Total Spent,Note,Tags",
			"Customer ID=external_id,First Name=first_name,Last Name=last_name,Email=email,Default Address Company=company,Default Address Address1=address.line1,Default Address Address2=address.line2,Default Address City=address.city,Default Address Province Code=address.region,Default Address Country Code=address.country,Default Address Zip=address.postal_code,Default Address Phone=phone,Note=notes,Tags=tags",
		},
		{
			"HubSpot", "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Associated Company,Street Address,City,State/Region,Postal Code,Country/Region,Lifecycle Stage",
			"Record ID=external_id,First Name=first_name,Last Name=last_name,Email=email,Phone Number=phone,Associated Company=company,Street Address=address.line1,City=address.city,State/Region=address.region,Postal Code=address.postal_code,Country/Region=address.country",
		},
		{"HubSpot, where the company has a name", "Record ID - Contact,Email,Company name,Associated Company", "Record ID - Contact=external_id,Email=email,Company name=company"},
		{
			"WooCommerce orders", "Order ID,Billing First Name,Billing Last Name,Billing Company,Billing Address 1,Billing Address 2,Billing City,Billing State,Billing Postcode,Billing Country,Billing Email,Billing Phone,Shipping First Name,Shipping Last Name,Shipping Address 1,Shipping City",
			"Billing First Name=first_name,Billing Last Name=last_name,Billing Company=company,Billing Address 1=address.line1,Billing Address 2=address.line2,Billing City=address.city,Billing State=address.region,Billing Postcode=address.postal_code,Billing Country=address.country,Billing Email=email,Billing Phone=phone",
		},
		{
			"WooCommerce customers", "Name,Username,Last active,Email,Orders,AOV,Country / Region,City,Region,Postal code",
			"Name=name,Email=email,Country / Region=address.country,City=address.city,Region=address.region,Postal code=address.postal_code",
		},
		{
			"QuickBooks", "Customer,Company,Phone numbers,Email,Billing street,Billing city,Billing state,Billing zip,Billing country,Shipping street,Shipping city",
			"Customer=name,Company=company,Phone numbers=phone,Email=email,Billing street=address.line1,Billing city=address.city,Billing state=address.region,Billing zip=address.postal_code,Billing country=address.country",
		},
		{
			"Stripe customers", "id,Description,Email,Name,Created (UTC),Delinquent,Card ID,Card Last4,Card Address Line1,Card Address Line2,Card Address City,Card Address State,Card Address Country,Card Address Zip",
			"id=external_id,Email=email,Name=name,Card Address Line1=address.line1,Card Address Line2=address.line2,Card Address City=address.city,Card Address State=address.region,Card Address Country=address.country,Card Address Zip=address.postal_code",
		},
		{"Stripe payments", "id,Amount,Customer ID,Customer Email,Card Name", "Customer ID=external_id,Customer Email=email"},
		{"Mailchimp", "Email Address,First Name,Last Name,Address,Phone Number,MEMBER_RATING,TAGS", "Email Address=email,First Name=first_name,Last Name=last_name,Address=address.line1,Phone Number=phone,TAGS=tags"},
		{
			"a German office", "Kundennummer;Name;Vorname;Firma;Straße;Adresszusatz;PLZ;Ort;Bundesland;Land;Telefon;E-Mail-Adresse;Bemerkungen",
			"Kundennummer=external_id,Name=last_name,Vorname=first_name,Firma=company,Straße=address.line1,Adresszusatz=address.line2,PLZ=address.postal_code,Ort=address.city,Bundesland=address.region,Land=address.country,Telefon=phone,E-Mail-Adresse=email,Bemerkungen=notes",
		},
		{
			"Wave", "customer_name,email,contact_first_name,contact_last_name,account_number,phone,fax,country,province/state,address_line_1,address_line_2,city,postal_code/zip_code,ship-to_city",
			"customer_name=name,email=email,phone=phone,country=address.country,province/state=address.region,address_line_1=address.line1,address_line_2=address.line2,city=address.city,postal_code/zip_code=address.postal_code",
		},
		{"FreshBooks", "Organization,First Name,Last Name,Email,Phone,Street,City,Province/State,Country,Postal Code,Notes", "Organization=company,First Name=first_name,Last Name=last_name,Email=email,Phone=phone,Street=address.line1,City=address.city,Province/State=address.region,Country=address.country,Postal Code=address.postal_code,Notes=notes"},
		{"Zoho Books", "Display Name,Company Name,First Name,Last Name,Phone,Billing Address,Billing Street2,Billing City,Billing State,Billing Country,Billing Code,EmailID,MobilePhone,Customer ID,Customer Name", "Company Name=company,Phone=phone,Billing Address=address.line1,Billing Street2=address.line2,Billing City=address.city,Billing State=address.region,Billing Country=address.country,Billing Code=address.postal_code,EmailID=email,Customer ID=external_id,Customer Name=name"},
		{"Invoice Ninja", "Name,Balance,Billing Street,Billing Apt/Suite,Billing City,Billing State/Province,Billing Postal Code,Shipping Street,Shipping City,Phone,Email", "Name=name,Billing Street=address.line1,Billing Apt/Suite=address.line2,Billing City=address.city,Billing State/Province=address.region,Billing Postal Code=address.postal_code,Phone=phone,Email=email"},
		{"Odoo", "ID,Name,Is a company,Related Company,Street,Street2,City,State,ZIP,Country,Phone,Mobile,Email", "ID=external_id,Name=name,Related Company=company,Street=address.line1,Street2=address.line2,City=address.city,State=address.region,ZIP=address.postal_code,Country=address.country,Phone=phone,Email=email"},
		{"ERPNext", "ID,First Name,Last Name,Email ID (Email IDs),Is Primary (Email IDs),Number (Contact Numbers)", "ID=external_id,First Name=first_name,Last Name=last_name,Email ID (Email IDs)=email,Number (Contact Numbers)=phone"},
		{"Xero", "*ContactName,EmailAddress,POAddressLine1,POAddressLine2,POCity,PORegion,POPostalCode,POCountry,SAAddressLine1,SACity,PhoneNumber,FaxNumber", "*ContactName=name,EmailAddress=email,POAddressLine1=address.line1,POAddressLine2=address.line2,POCity=address.city,PORegion=address.region,POPostalCode=address.postal_code,POCountry=address.country,PhoneNumber=phone"},
		{"Magento", "email,_website,firstname,lastname,_address_city,_address_company,_address_country_id,_address_postcode,_address_region,_address_street", "email=email,firstname=first_name,lastname=last_name,_address_city=address.city,_address_country_id=address.country,_address_postcode=address.postal_code,_address_region=address.region,_address_street=address.line1"},
		{"Thunderbird", "First Name,Last Name,Display Name,Primary Email,Secondary Email,Home Phone,Mobile Number,Home Address,Home City,Home ZipCode,Organization", "Display Name=name,Primary Email=email,Mobile Number=phone,Home Address=address.line1,Home City=address.city,Home ZipCode=address.postal_code,Organization=company"},
		{"Dynamics", "Full Name,Company Name,Telephone 1,EMail Address 1,Address 1: Street 1,Address 1: City,Address 1: State/Province,Address 1: ZIP/Postal Code,Address 1: Country/Region", "Full Name=name,Company Name=company,Telephone 1=phone,EMail Address 1=email,Address 1: Street 1=address.line1,Address 1: City=address.city,Address 1: State/Province=address.region,Address 1: ZIP/Postal Code=address.postal_code,Address 1: Country/Region=address.country"},
		{"Pipedrive", "Person - Name,Person - Organization,Person - Email - Work,Person - Phone - Work,Person - Label", "Person - Name=name,Person - Organization=company,Person - Email - Work=email,Person - Phone - Work=phone"},
		{"Square", "Reference ID,First Name,Surname,Email Address,Phone Number,Company Name,Street Address 1,Street Address 2,City,State,Postal Code,Square Customer ID", "First Name=first_name,Surname=last_name,Email Address=email,Phone Number=phone,Company Name=company,Street Address 1=address.line1,Street Address 2=address.line2,City=address.city,State=address.region,Postal Code=address.postal_code,Square Customer ID=external_id"},
		{"Outlook in German", "Vorname;Nachname;Firma;Straße geschäftlich;Ort geschäftlich;Postleitzahl geschäftlich;Land/Region geschäftlich;Straße privat;Telefon geschäftlich;E-Mail-Adresse", "Vorname=first_name,Nachname=last_name,Firma=company,Straße geschäftlich=address.line1,Ort geschäftlich=address.city,Postleitzahl geschäftlich=address.postal_code,Land/Region geschäftlich=address.country,Telefon geschäftlich=phone,E-Mail-Adresse=email"},
		{"Outlook in French", "Prénom,Nom,Société,Rue (bureau),Ville (bureau),Code postal (bureau),Pays/Région (bureau),Rue (domicile),Téléphone (domicile),Tél. mobile,Adresse de messagerie", "Prénom=first_name,Nom=last_name,Société=company,Rue (bureau)=address.line1,Ville (bureau)=address.city,Code postal (bureau)=address.postal_code,Pays/Région (bureau)=address.country,Tél. mobile=phone,Adresse de messagerie=email"},
		{"JSON made flat", "id,name,email,address.street,address.suite,address.city,address.zipcode,phone,company.name", "id=external_id,name=name,email=email,address.street=address.line1,address.suite=address.line2,address.city=address.city,address.zipcode=address.postal_code,phone=phone,company.name=company"},
		{"a customer and the person to ask for", "CustomerID,CustomerName,ContactName,Address,City", "CustomerID=external_id,CustomerName=name,Address=address.line1,City=address.city"},
		{"Name beside Vorname and Nachname", "Name;Vorname;Nachname;Stadt;Strasse;Notizen", "Name=name,Stadt=address.city,Strasse=address.line1,Notizen=notes"},
		{"Name beside a first name in English", "Name;First Name", "Name=name"},
		{"no part of an address beside one without a prefix", "Name,City,Billing Street,Billing City", "Name=name,City=address.city"},
		{"no prefix of which the street is not there", "Name,Home Town,Billing Country,Country Code", "Name=name"},
		{"no prefix alone", "Name,Billing,Billing Street,Business Last Name,Business", "Name=name,Billing Street=address.line1"},
		{"no prefix alone beside a name with it", "Email,Business Last Name,Business", "Email=email,Business Last Name=last_name"},
		{"no part of a name beside another", "First Name,Billing Last Name,Customer", "First Name=first_name"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := bulk.NewReader(strings.NewReader(tt.header+"\n"), bulk.CSV, bulk.ReaderOptions{})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, c := range r.Columns() {
				if !strings.HasPrefix(c.Field, "metadata.") {
					got = append(got, c.Name+"="+c.Field)
				}
			}
			equal(t, "columns", got, strings.Split(tt.want, ","))
		})
	}
}

// What other programs count their customers by is no UUID and stays an external id.
func TestIDsOfOtherPrograms(t *testing.T) {
	t.Parallel()
	for _, header := range []string{"id,Email", "id,status,created_at,Email", "id,status,created_at,updated_at,version,Email"} {
		rows, err := read(header+"\ncus_NffrFeUfNV2Hib,"+strings.Repeat(",", strings.Count(header, ",")-1)+"ada@b.co\n", bulk.CSV, bulk.ReaderOptions{})
		if err != nil || len(rows) != 1 || rows[0].Err != nil || rows[0].Draft.ExternalID != "cus_NffrFeUfNV2Hib" || rows[0].Draft.Email != "ada@b.co" {
			t.Errorf("%s: %+v, %v; want an external id", header, rows, err)
		}
	}
}
