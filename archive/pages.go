package archive

import (
	"encoding/binary"
	"hash/fnv"
	"io"
	"slices"
)

// The page format of bbolt (internal/common of version 1.5), all integers in native
// byte order. It is read here as plain bytes, because bbolt trusts what it maps: a
// damaged page can send it into endless loops and recursion, not only to stray
// addresses.
const (
	pageHeader  = 16 // id u64, flags u16, count u16, overflow u32
	elementSize = 16 // branch: pos u32, key u32, page u64; leaf: flags, pos, key, value u32
	bucketSize  = 16 // root u64, sequence u64; for root 0 the bucket's page follows

	branchPage   = 0x01
	leafPage     = 0x02
	freelistPage = 0x10

	metaMagic   = 0xED0CDAED
	metaVersion = 2
	metaSum     = 56 // offset of the checksum in a meta page's body

	longList = 0xFFFF // a free list with this count keeps the real one in its first entry
	maxDepth = 64
)

// fileMap is what a bbolt file's valid meta page says.
type fileMap struct {
	file     io.ReaderAt
	pageSize uint64
	root     uint64
	freelist uint64
	pages    uint64 // in use or free; the file may be longer
	txid     uint64
}

// readMap reads the newest valid meta page of a file of the given size and holds
// what it says against that size.
func readMap(file io.ReaderAt, size int64) (*fileMap, error) {
	var newest *fileMap
	for _, at := range metaPlaces(file, size) {
		if m, ok := readMeta(file, at); ok && (newest == nil || m.txid > newest.txid) {
			newest = m
		}
	}
	switch m := newest; {
	case m == nil:
		return nil, damaged("both of its meta pages are invalid")
	case m.pages > uint64(size)/m.pageSize:
		return nil, damaged("the file is cut off: it has %d bytes of %d", size, m.pages*m.pageSize)
	case m.root >= m.pages || m.freelist >= m.pages:
		return nil, damaged("its meta page leads outside the file")
	}
	return newest, nil
}

// metaPlaces returns where the two meta pages may lie: the second begins at the page
// size, which the first one says if it is valid.
func metaPlaces(file io.ReaderAt, size int64) []int64 {
	if m, ok := readMeta(file, 0); ok {
		return []int64{0, int64(m.pageSize)}
	}
	var places []int64
	for at := int64(1024); at <= 1<<24 && at < size; at *= 2 {
		places = append(places, at)
	}
	return places
}

func readMeta(file io.ReaderAt, at int64) (*fileMap, bool) {
	var page [pageHeader + metaSum + 8]byte
	if _, err := file.ReadAt(page[:], at); err != nil {
		return nil, false
	}
	body := page[pageHeader:]
	sum := fnv.New64a()
	sum.Write(body[:metaSum])
	order := binary.NativeEndian
	m := &fileMap{
		file:     file,
		pageSize: uint64(order.Uint32(body[8:])),
		root:     order.Uint64(body[16:]),
		freelist: order.Uint64(body[32:]),
		pages:    order.Uint64(body[40:]),
		txid:     order.Uint64(body[48:]),
	}
	valid := order.Uint32(body) == metaMagic && order.Uint32(body[4:]) == metaVersion &&
		order.Uint64(body[metaSum:]) == sum.Sum64() && m.pageSize >= 512
	return m, valid
}

// rawPage is one page with its overflow.
type rawPage struct {
	id    uint64
	flags uint16
	count int
	data  []byte // with the header
}

// read returns page id after checking that its header is sound.
func (m *fileMap) read(id uint64) (*rawPage, error) {
	if id < 2 || id >= m.pages {
		return nil, damaged("page %d is outside the file", id)
	}
	var header [pageHeader]byte
	if _, err := m.file.ReadAt(header[:], int64(id*m.pageSize)); err != nil {
		return nil, err
	}
	order := binary.NativeEndian
	overflow := uint64(order.Uint32(header[12:]))
	if order.Uint64(header[:]) != id || overflow >= m.pages-id {
		return nil, damaged("the header of page %d is wrong", id)
	}
	p := &rawPage{id, order.Uint16(header[8:]), int(order.Uint16(header[10:])), make([]byte, (1+overflow)*m.pageSize)}
	_, err := m.file.ReadAt(p.data, int64(id*m.pageSize))
	return p, err
}

// readFree returns the ids of the free pages and the page that lists them.
func (m *fileMap) readFree() ([]uint64, *rawPage, error) {
	p, err := m.read(m.freelist)
	if err != nil {
		return nil, nil, err
	}
	list := p.data[pageHeader:]
	n := uint64(p.count)
	if p.count == longList {
		n = binary.NativeEndian.Uint64(list)
		list = list[8:]
	}
	if p.flags != freelistPage || n > uint64(len(list)/8) {
		return nil, nil, damaged("page %d is not the list of free pages", p.id)
	}
	free := make([]uint64, n)
	for i := range free {
		free[i] = binary.NativeEndian.Uint64(list[8*i:])
	}
	if slices.ContainsFunc(free, func(id uint64) bool { return id < 2 || id >= m.pages }) {
		return nil, nil, damaged("a free page is outside the file")
	}
	return free, p, nil
}

// checkPages verifies every page of a bbolt file that nobody is writing: each is
// either free or used once, and each tree has its keys in order.
func checkPages(file io.ReaderAt, size int64) error {
	m, err := readMap(file, size)
	if err != nil {
		return err
	}
	free, list, err := m.readFree()
	if err != nil {
		return err
	}
	w := &pageWalk{fileMap: m, used: make([]bool, m.pages)}
	if err := w.claim(0, 2); err != nil {
		return err
	}
	if err := w.claim(list.id, len(list.data)/int(m.pageSize)); err != nil {
		return err
	}
	for _, id := range free {
		if err := w.claim(id, 1); err != nil {
			return err
		}
	}
	if err := w.tree(m.root, nil, nil, 0); err != nil {
		return err
	}
	if i := slices.Index(w.used, false); i >= 0 {
		return damaged("page %d is neither used nor free", i)
	}
	return nil
}
