package bulk

// alias is a target and the names that it has in spreadsheets, as folded by columnName, the likeliest first.
type alias struct {
	to    target
	names []string
}

// aliases are the names that say what a column is: in English, then in German, French, Spanish, Portuguese, Italian, Dutch, Polish, and Swedish, Danish
// and Norwegian.
var aliases = []alias{
	{target{kind: toText, field: ExternalID}, []string{
		"externalid", "customerid", "customernumber", "customerno", "customercode", "custid", "custno", "clientid", "clientnumber", "clientno", "clientcode",
		"kundennummer", "kundennr", "kdnr", "kundenid", "kundeid",
		"numeroclient", "numclient", "nclient", "codeclient", "idclient",
		"codigocliente", "codigodecliente", "codigodocliente", "numerocliente", "numerodecliente", "idcliente", "clienteid", "codicecliente",
		"klantnummer", "klantnr", "klantcode", "klantid", "numerklienta", "nrklienta", "idklienta", "klientid",
		"kundnummer", "kundnr", "kundenummer", "kundenr",
		"id",
	}},
	{target{kind: toText, field: Name}, []string{
		"name", "fullname", "customername", "clientname", "contactname", "displayname",
		"nom", "nomcomplet", "nombre", "nombrecompleto", "nombreyapellidos", "nombres", "nome", "nomecompleto", "nominativo", "denominazione",
		"naam", "volledigenaam", "imieinazwisko", "nazwa", "namn", "navn",
	}},
	{target{kind: toText, field: Email}, []string{
		"email", "emailaddress", "mail", "mailaddress", "emailadresse", "mailadresse",
		"courriel", "adresseemail", "adressemail", "adressecourriel", "adresseelectronique", "adressedemessagerie", "correo", "correoelectronico", "postaelettronica", "indirizzoemail",
		"emailadres", "mailadres", "adresemail", "epost", "epostadress", "epostadresse",
	}},
	{target{kind: toText, field: Phone}, []string{
		"phone", "phonenumber", "phoneno", "telephone", "telephonenumber", "telephoneno", "tel", "telno", "telefon", "telefonnummer", "telefonnr",
		"numerodetelephone", "numerotelephone", "telefono", "telefonofijo", "numerodetelefono", "numerotelefono", "telefone", "fone", "numerodetelefone",
		"telefoon", "telefoonnummer", "numertelefonu", "nrtelefonu",
		"mobile", "mobilephone", "mobilenumber", "mobileno", "mobilephonenumber", "cell", "cellphone", "cellnumber", "cellphonenumber",
		"mobil", "mobiltelefon", "mobilnummer", "handy", "handynummer", "telephoneportable", "telephonemobile", "telmobile", "movil", "telefonomovil", "celular", "telemovel",
		"cellulare", "mobiel", "mobielnummer", "gsm", "telefonkomorkowy",
	}},
	{target{kind: toText, field: Company}, []string{
		"company", "companyname", "organization", "organisation", "organizationname", "organisationname", "orgname", "firma", "firmenname", "unternehmen",
		"societe", "nomdelasociete", "raisonsociale", "entreprise", "nomdelentreprise", "empresa", "nombredelaempresa", "nombreempresa", "razonsocial",
		"nomedaempresa", "nomeempresa", "razaosocial", "azienda", "societa", "ragionesociale", "bedrijf", "bedrijfsnaam", "organisatie", "nazwafirmy",
		"foretag", "foretagsnamn", "virksomhed", "firmanavn",
	}},
	{target{kind: toText, field: Notes}, []string{
		"notes", "note", "comments", "comment", "remarks", "bemerkungen", "bemerkung", "anmerkungen", "anmerkung", "notizen", "notiz",
		"remarques", "commentaires", "commentaire", "notas", "comentarios", "observaciones", "observacoes", "osservazioni", "opmerkingen", "opmerking", "notities",
		"uwagi", "notatki",
	}},
	{target{kind: toText, field: Line1}, []string{
		"addressline1", "line1", "address1", "streetaddress", "streetaddress1", "streetaddressline1", "street", "street1", "address", "postaladdress",
		"strasse", "strassehausnummer", "strasseundhausnummer", "strassenr", "strasseundnr", "adresse", "rue", "adresse1", "adresseligne1", "adressepostale",
		"direccion", "direccion1", "calle", "domicilio", "endereco", "rua", "logradouro", "morada", "indirizzo", "adres", "straat", "straatnaam",
		"adresregel1", "ulica", "ulicainr", "adress", "gatuadress", "gateadresse",
	}},
	{target{kind: toText, field: Line2}, []string{
		"addressline2", "line2", "address2", "streetaddress2", "streetaddressline2", "street2", "extendedaddress", "aptsuite", "addresssuite", "adresszusatz", "strasse2",
		"adresse2", "adresseligne2", "complementdadresse", "complementadresse", "direccion2", "complemento",
		"adresregel2",
	}},
	{target{kind: toText, field: City}, []string{
		"addresscity", "city", "town", "ort", "stadt", "wohnort", "ville", "commune", "localite", "ciudad", "poblacion", "localidad", "cidade", "localidade",
		"citta", "comune", "localita", "plaats", "woonplaats", "stad", "miasto", "miejscowosc", "postort", "poststed",
	}},
	{target{kind: toText, field: Region}, []string{
		"addressregion", "state", "province", "stateprovince", "provincestate", "stateregion", "regionstate", "region", "bundesland", "kanton", "canton",
		"provincia", "uf", "provincie", "wojewodztwo",
	}},
	{target{kind: toText, field: PostalCode}, []string{
		"addresspostalcode", "postalcode", "postcode", "zipcode", "zip", "zippostalcode", "zippostcode", "postalcodezip", "postalcodezipcode", "postalzip",
		"postalzipcode", "pincode", "plz", "postleitzahl", "codepostal", "codigopostal", "codpostal", "cep", "codicepostale", "kodpocztowy", "postnummer", "postnr",
	}},
	{target{kind: toText, field: Country}, []string{
		"addresscountry", "country", "countryname", "countryregion", "addresscountrycode", "addresscountryid", "land", "landregion", "pays", "paysregion", "pais", "paese", "nazione", "kraj",
	}},
	{target{kind: toTags, field: Tags}, []string{"tags", "tag", "labels", "etiquettes", "etiquetas", "etichette"}},
	{target{kind: toFirst}, []string{"firstname", "givenname", "forename", "fname", "vorname", "prenom", "prenoms", "voornaam", "imie", "fornamn", "fornavn"}},
	{target{kind: toLast}, []string{
		"lastname", "surname", "familyname", "lname", "nachname", "familienname", "zuname", "nomdefamille", "apellidos", "apellido", "primerapellido", "apellidopaterno", "sobrenome",
		"cognome", "achternaam", "familienaam", "nazwisko", "efternamn", "efternavn", "etternavn",
	}},
	{target{kind: toNumber}, []string{"housenumber"}},
	{target{kind: toMetadata}, []string{"metadata"}},
}

// weaker are names that count where no column has a surer one.
var weaker = []alias{
	{target{kind: toText, field: ExternalID}, []string{
		"recordid", "recordidcontact", // HubSpot
		"contactid",        // Salesforce
		"customerkey",      // data warehouses
		"squarecustomerid", // Square
	}},
	{target{kind: toText, field: Name}, []string{
		"customer", // QuickBooks
		"billingname",
		"contactperson", "ansprechpartner",
	}},
	{target{kind: toText, field: Email}, []string{
		"email1value",                // Google Contacts
		"customeremail",              // Stripe
		"primaryemail",               // Thunderbird
		"personemailwork",            // Pipedrive
		"emailid", "emailidemailids", // Zoho, ERPNext
	}},
	{target{kind: toText, field: Phone}, []string{
		"phone1value",          // Google Contacts
		"phonenumbers",         // QuickBooks
		"primaryphone",         // Outlook
		"personphonework",      // Pipedrive
		"numbercontactnumbers", // ERPNext
	}},
	{target{kind: toText, field: Company}, []string{
		"organization1name", // Google Contacts
		"accountname",       // Salesforce
		"companyaccount",    // Salesforce leads
		"associatedcompany", // HubSpot
		"relatedcompany",    // Odoo
		"businessname",
	}},
}

// beside are names that may be of anything, and count beside other columns of their language alone.
var beside = []struct {
	to     target
	name   string
	others []string
}{
	{target{kind: toText, field: PostalCode}, "cap", []string{"citta", "comune", "localita", "indirizzo"}},
	{target{kind: toText, field: PostalCode}, "cp", []string{"ville", "commune", "ciudad", "poblacion", "localidad"}},
	{target{kind: toText, field: Line1}, "via", []string{"citta", "comune", "localita"}},
	{target{kind: toText, field: Region}, "estado", []string{"cep", "cidade"}},
	{target{kind: toText, field: Region}, "county", []string{"city", "town", "postcode", "postalcode", "zip", "zipcode", "postal"}},
	{target{kind: toText, field: PostalCode}, "postal", []string{"city", "town", "county", "state", "country"}},
}

// couples are names of which one is a part of a name beside the other, and the whole of it alone.
var couples = []struct {
	whole  string
	others []string
	last   bool // the whole one is the last name then
}{
	{"name", []string{"vorname"}, true},
	{"nom", []string{"prenom", "prenoms"}, true},
	{"naam", []string{"voornaam"}, true},
	{"nombre", []string{"apellidos", "apellido", "primerapellido", "apellidopaterno"}, false},
	{"nombres", []string{"apellidos", "apellido", "primerapellido", "apellidopaterno"}, false},
	{"nome", []string{"cognome", "sobrenome"}, false},
	{"name", []string{"surname", "lastname"}, false},
}

// Where the number of a house has a column of its own, the languages that write it behind the street.
var (
	houseNumbers = []string{"hausnummer", "hausnr", "huisnummer", "huisnr", "numerocivico", "civico", "numerdomu", "nrdomu"}
	streets      = []string{"street", "strasse", "straat", "straatnaam", "indirizzo", "via", "ulica"}
)

// affix is what stands before or behind a name.
type affix struct{ before, behind string }

func (a affix) of(name string) string { return a.before + name + a.behind }

// prefixes stand before the names of a part of the customer, of which there may be several. What has one prefix belongs together.
var prefixes = []affix{
	{before: "mailing"},        // Salesforce
	{before: "billing"},        // WooCommerce, QuickBooks, Salesforce
	{before: "defaultaddress"}, // Shopify
	{before: "business"},       // Outlook
	{before: "address1"},       // Google Contacts, Dynamics
	{before: "cardaddress"},    // Stripe
	{before: "work"},
	{before: "home"},     // Outlook
	{before: "po"},       // Xero
	{before: "physical"}, // Lightspeed
	{before: "postal"},   // Lightspeed
	{before: "shipping"},
	{before: "other"},        // Outlook
	{behind: "geschaftlich"}, // Outlook
	{behind: "privat"},
	{behind: "bureau"}, // Outlook
	{behind: "domicile"},
}

// affixes say that a column is about the customer, as in cust_city and ciudad_cliente, and so no more than the name without them.
var affixes = []affix{
	{before: "customer"},
	{before: "client"},
	{before: "cust"},
	{before: "contact"},
	{before: "person"},
	{before: "kunden"},
	{before: "klant"},
	{behind: "cliente"},
	{behind: "delcliente"},
	{behind: "docliente"},
	{behind: "client"},
	{behind: "duclient"},
	{behind: "klienta"},
}

// codes are names that say enough behind a prefix only: alone, a country code may be one of a phone, and customer_code one of the customer.
var codes = map[Fields][]string{Region: {"provincecode"}, PostalCode: {"code"}, Country: {"countrycode"}}

// parts are the fields that come with prefixes, those together that make sense of one prefix alone. The first of them must be there.
var parts = [][]target{
	{{kind: toText, field: Line1}, {kind: toText, field: Line2}, {kind: toText, field: City}, {kind: toText, field: Region}, {kind: toText, field: PostalCode}, {kind: toText, field: Country}},
	{{kind: toLast}, {kind: toFirst}},
	{{kind: toText, field: Email}},
	{{kind: toText, field: Phone}},
	{{kind: toText, field: Company}},
}

// ownParts are the fields that come with affixes. Of an address a line must be there that is of nothing else.
var ownParts = append([][]target{{wholeName}, {{kind: toText, field: Notes}}}, parts...)
