package customstore

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"example.com/customer"
)

// database is the file and what is in it. Readers take the rows as they are and need no lock; a writer saves the next ones and then shows them.
type database struct {
	path  string
	now   func() time.Time
	newID func() customer.ID

	writing sync.Mutex
	current atomic.Pointer[rows]
}

// rows are all customers of all tenants. Neither the map nor what is in it is ever changed.
type rows map[key]row

type key struct {
	tenant string
	id     customer.ID
}

// row is a customer with all that a store has to remember of it. The search keys are made anew when the file is read, so that they are always
// those of this [customer.KeysVersion].
type row struct {
	Tenant    string            `json:"tenant"`
	KeyHash   string            `json:"key_hash"` // of the idempotency key, "" without one
	DraftHash string            `json:"draft_hash"`
	Customer  customer.Customer `json:"customer"`

	keys customer.Keys
}

func (r row) key() key { return key{r.Tenant, r.Customer.ID} }

// activeEmail is the email that nobody else may have; archiving frees it.
func (r row) activeEmail() string {
	if r.Customer.Status != customer.Active {
		return ""
	}
	return r.keys.Email
}

// madeBy returns the customer that the idempotency key of r has made before.
func (all rows) madeBy(r row) (row, bool) {
	for _, other := range all {
		if r.KeyHash != "" && other.KeyHash == r.KeyHash && other.Tenant == r.Tenant {
			return other, true
		}
	}
	return row{}, false
}

// conflict says who else has the external id of r or, if nobody has, the email.
func (all rows) conflict(r row) error {
	var overEmail error
	for _, other := range all {
		switch holder := other.Customer.ID; {
		case other.Tenant != r.Tenant || holder == r.Customer.ID:
		case r.Customer.ExternalID != "" && other.Customer.ExternalID == r.Customer.ExternalID:
			return &customer.ConflictError{Field: "external_id", Holder: holder}
		case r.activeEmail() != "" && other.activeEmail() == r.activeEmail():
			overEmail = &customer.ConflictError{Field: "email", Holder: holder}
		}
	}
	return overEmail
}

// content is the file. Another layout of it takes another format.
type content struct {
	Format int   `json:"format"`
	Rows   []row `json:"rows"`
}

const format = 1

// Open reads the file, or makes it if there is none, and returns the view of the unnamed tenant. Only its owner can read a file made here. The
// file system has to sync directories, as those of Unix do.
//
// One Store, with its views, may be open on a file at a time: a second one, in this process or another, would undo what the first writes. There
// is nothing to close.
func Open(path string, opts ...Option) (*Store, error) {
	db := &database{path: path, now: time.Now, newID: customer.NewID}
	for _, opt := range opts {
		opt(db)
	}
	data, err := os.ReadFile(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = db.save(rows{})
	case err == nil:
		err = db.load(data)
	}
	if err != nil {
		return nil, fmt.Errorf("customstore: open: %w", err)
	}
	return &Store{db: db}, nil
}

func (db *database) load(data []byte) error {
	var c content
	// What package json says of a fault may quote a record.
	if err := json.Unmarshal(data, &c); err != nil {
		return fmt.Errorf("%s is damaged, or no file of this store", db.path)
	}
	if c.Format != format {
		return fmt.Errorf("%s has format %d, not %d", db.path, c.Format, format)
	}
	all := make(rows, len(c.Rows))
	for _, r := range c.Rows {
		r.keys = customer.KeysOf(r.Customer)
		all[r.key()] = r
	}
	db.current.Store(&all)
	return nil
}

func (db *database) rows() rows { return *db.current.Load() }

// put saves r in place of what has its key. The caller holds the lock for writing.
func (db *database) put(r row) error {
	next := maps.Clone(db.rows())
	next[r.key()] = r
	return db.save(next)
}

// remove is put for a row that goes.
func (db *database) remove(r row) error {
	next := maps.Clone(db.rows())
	delete(next, r.key())
	return db.save(next)
}

// save makes next what the file holds, and then what everybody sees. Failing it changes neither, but for one case: the file was replaced and
// the disk does not confirm it. Then next is seen, as it would be after opening the file again, and the error says that it may not last.
func (db *database) save(next rows) error {
	data, err := json.Marshal(content{format, slices.Collect(maps.Values(next))})
	if err != nil {
		return fmt.Errorf("customstore: encode: %w", err)
	}
	replaced, err := replaceFile(db.path, data)
	if replaced {
		db.current.Store(&next)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", customer.ErrUnavailable, err)
	}
	return nil
}

// replaceFile makes data the content of the file at path, at once: whoever opens it, even after a crash, finds all of the old content or all of
// the new one. It reports whether that is the new one.
func replaceFile(path string, data []byte) (replaced bool, err error) {
	// Opened first, so that a directory that cannot be is found out before anything has happened.
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return false, err
	}
	defer dir.Close()
	temporary := path + ".tmp"
	defer os.Remove(temporary) // not there any more unless something failed
	if err := writeFile(temporary, data); err != nil {
		return false, err
	}
	if err := os.Rename(temporary, path); err != nil {
		return false, err
	}
	// The name is the directory's: until that is on the disk too, a loss of power may bring the old file back.
	return true, dir.Sync()
}

// writeFile returns when the data is on the disk: a file renamed before could be there by name and empty.
func writeFile(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
