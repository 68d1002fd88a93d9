package bulk_test

import (
	"strings"
	"testing"

	"example.com/customer/bulk"
)

// The headers that people write in their languages. What is no field is metadata.
func TestColumnsOfLanguages(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, header, want string }{
		{
			"French", "N° client;Nom;Prénom;Société;Adresse;Complément d'adresse;Code postal;Ville;Pays;Téléphone;Courriel;Remarques;Fax",
			"N° client=external_id,Nom=last_name,Prénom=first_name,Société=company,Adresse=address.line1,Complément d'adresse=address.line2,Code postal=address.postal_code,Ville=address.city,Pays=address.country,Téléphone=phone,Courriel=email,Remarques=notes",
		},
		{"French, where one column has the name", "id_client;nom;raison sociale;rue;CP;ville;adresse e-mail", "id_client=external_id,nom=name,raison sociale=company,rue=address.line1,CP=address.postal_code,ville=address.city,adresse e-mail=email"},
		{"Canadian French", "Nom complet,Entreprise,Province,Cellulaire", "Nom complet=name,Entreprise=company,Province=address.region"},
		{
			"Spanish", "Código cliente;Nombre;Apellidos;Empresa;Dirección;Código postal;Población;Provincia;País;Teléfono;Correo electrónico;Observaciones",
			"Código cliente=external_id,Nombre=first_name,Apellidos=last_name,Empresa=company,Dirección=address.line1,Código postal=address.postal_code,Población=address.city,Provincia=address.region,País=address.country,Teléfono=phone,Correo electrónico=email,Observaciones=notes",
		},
		{"Spanish, where one column has the name", "id,nombre,correo,móvil,ciudad,estado", "id=external_id,nombre=name,correo=email,móvil=phone,ciudad=address.city"},
		{"Spanish columns that say whose they are", "id_cliente,nombre_cliente,apellido_cliente,email_cliente,ciudad_cliente", "id_cliente=external_id,nombre_cliente=first_name,apellido_cliente=last_name,email_cliente=email,ciudad_cliente=address.city"},
		{
			"Portuguese", "Código do cliente;Nome;Sobrenome;Razão Social;Endereço;Complemento;Bairro;Cidade;UF;CEP;Telefone;Celular;E-mail",
			"Código do cliente=external_id,Nome=first_name,Sobrenome=last_name,Razão Social=company,Endereço=address.line1,Complemento=address.line2,Cidade=address.city,UF=address.region,CEP=address.postal_code,Telefone=phone,E-mail=email",
		},
		{"Portuguese, where one column has the name", "Nome,Cidade,Estado,Celular", "Nome=name,Cidade=address.city,Estado=address.region,Celular=phone"},
		{
			"Italian", "Codice cliente;Ragione sociale;Nome;Cognome;Indirizzo;CAP;Città;Provincia;Paese;Telefono;Posta elettronica;Note",
			"Codice cliente=external_id,Ragione sociale=company,Nome=first_name,Cognome=last_name,Indirizzo=address.line1,CAP=address.postal_code,Città=address.city,Provincia=address.region,Paese=address.country,Telefono=phone,Posta elettronica=email,Note=notes",
		},
		{"Italian, with the house number", "Nominativo;Via;Civico;CAP;Comune", "Nominativo=name,Via=address.line1,Civico=house_number,CAP=address.postal_code,Comune=address.city"},
		{
			"Dutch", "Klantnummer;Bedrijfsnaam;Voornaam;Naam;Straat;Huisnummer;Postcode;Woonplaats;Land;Telefoonnummer;E-mailadres;Opmerkingen",
			"Klantnummer=external_id,Bedrijfsnaam=company,Voornaam=first_name,Naam=last_name,Straat=address.line1,Huisnummer=house_number,Postcode=address.postal_code,Woonplaats=address.city,Land=address.country,Telefoonnummer=phone,E-mailadres=email,Opmerkingen=notes",
		},
		{"Dutch, with another last name", "Naam;Voornaam;Achternaam", "Naam=name"},
		{
			"Polish", "ID klienta;Imię;Nazwisko;Nazwa firmy;Ulica;Nr domu;Kod pocztowy;Miasto;Województwo;Kraj;Telefon;Adres e-mail;Uwagi",
			"ID klienta=external_id,Imię=first_name,Nazwisko=last_name,Nazwa firmy=company,Ulica=address.line1,Nr domu=house_number,Kod pocztowy=address.postal_code,Miasto=address.city,Województwo=address.region,Kraj=address.country,Telefon=phone,Adres e-mail=email,Uwagi=notes",
		},
		{"Mexican", "Nombre(s),Apellido Paterno,Apellido Materno,Correo", "Nombre(s)=first_name,Apellido Paterno=last_name,Correo=email"},
		{
			"Swedish", "Kundnummer;Förnamn;Efternamn;Företag;Adress;Postnummer;Postort;Land;Telefon;E-post",
			"Kundnummer=external_id,Förnamn=first_name,Efternamn=last_name,Företag=company,Adress=address.line1,Postnummer=address.postal_code,Postort=address.city,Land=address.country,Telefon=phone,E-post=email",
		},
		{"Norwegian and Danish", "Kundenr;Fornavn;Etternavn;Firmanavn;Adresse;Postnr;Poststed;Mobil;E-post", "Kundenr=external_id,Fornavn=first_name,Etternavn=last_name,Firmanavn=company,Adresse=address.line1,Postnr=address.postal_code,Poststed=address.city,Mobil=phone,E-post=email"},
		{"German numbers", "Name;Straße/Nr.;Telefon 1;Telefon 2;E-Mail 1", "Name=name,Straße/Nr.=address.line1,Telefon 1=phone,E-Mail 1=email"},
		{"German, with the house number", "KdNr;Firmenname;Nachname;Vorname;Strasse;HausNr;PLZ;Ort;Handynummer", "KdNr=external_id,Firmenname=company,Nachname=last_name,Vorname=first_name,Strasse=address.line1,HausNr=house_number,PLZ=address.postal_code,Ort=address.city,Handynummer=phone"},
		{"a number that may stand before the street", "Name,Street,House Number", "Name=name,Street=address.line1"},
		{"a house number without its street", "Name,Address,Hausnummer", "Name=name,Address=address.line1"},
		{"English, where the name is the first one", "Name,Surname,Email", "Name=first_name,Surname=last_name,Email=email"},
		{"English in short", "fname,lname,phone_no,mobile_no,pincode", "fname=first_name,lname=last_name,phone_no=phone,pincode=address.postal_code"},
		{"British", "Name,Address,Town,County,Postcode", "Name=name,Address=address.line1,Town=address.city,County=address.region,Postcode=address.postal_code"},
		{"a county beside a state", "name,city,county,state,zip", "name=name,city=address.city,state=address.region,zip=address.postal_code"},
		{"a region of sales beside a state", "Customer Name,City,State,Region,Postal Code", "Customer Name=name,City=address.city,State=address.region,Postal Code=address.postal_code"},
		{"names that say nothing alone", "Name,cap,cp,via,estado,county,code,numero", "Name=name"},
		{"columns that say whose they are", "cust_id,cust_name,cust_address,cust_city,cust_state,cust_zip,cust_country,cust_contact,cust_email", "cust_id=external_id,cust_name=name,cust_address=address.line1,cust_city=address.city,cust_state=address.region,cust_zip=address.postal_code,cust_country=address.country,cust_email=email"},
		{"a city that says whose it is", "customer_id,customer_unique_id,customer_city,customer_state", "customer_id=external_id,customer_city=address.city,customer_state=address.region"},
		{"a code of the customer", "customer_id,customer_code,customer_address,customer_city", "customer_id=external_id,customer_address=address.line1,customer_city=address.city"},
		{"a name beside the two of somebody to ask for", "Name,Contact Name,Contact Surname", "Name=name"},
		{"a postal address", "Name,Postal Address,City,Postal Code", "Name=name,Postal Address=address.line1,City=address.city,Postal Code=address.postal_code"},
		{"a state that may be another", "customer_name,customer_state", "customer_name=name"},
		{"whose it is goes before what it is for", "Client Name,Shipping Street,Shipping City,Client Street,Client City,Client Phone,Work Phone", "Client Name=name,Client Street=address.line1,Client City=address.city,Client Phone=phone"},
		{"an address that says so", "name,address_street,address_number,address_city,address_state,address_zip", "name=name,address_street=address.line1,address_city=address.city,address_state=address.region,address_zip=address.postal_code"},
		{"numbered columns", "First Name,Last Name,Phone 1,Phone 2,Email 1,Email 2", "First Name=first_name,Last Name=last_name,Phone 1=phone,Email 1=email"},
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
