package archive

import (
	"bytes"
	"encoding/binary"
)

// pageWalk visits the trees of a file, each page once.
type pageWalk struct {
	*fileMap
	used []bool
}

// claim marks n pages from id on as used.
func (w *pageWalk) claim(id uint64, n int) error {
	for i := range uint64(n) {
		if w.used[id+i] {
			return damaged("page %d is used twice", id+i)
		}
		w.used[id+i] = true
	}
	return nil
}

// tree verifies the tree below page id, whose keys lie in [lo, hi); nil is no bound.
func (w *pageWalk) tree(id uint64, lo, hi []byte, depth int) error {
	p, err := w.read(id)
	if err != nil {
		return err
	}
	if err := w.claim(id, len(p.data)/int(w.pageSize)); err != nil {
		return err
	}
	if depth > maxDepth {
		return damaged("the tree is too deep at page %d", id)
	}
	return w.node(p, lo, hi, depth)
}

// node verifies the elements of a page and what lies below it.
func (w *pageWalk) node(p *rawPage, lo, hi []byte, depth int) error {
	elements, err := p.elements()
	if err != nil {
		return err
	}
	for i, e := range elements {
		if i == 0 && bytes.Compare(e.key, lo) < 0 || i > 0 && bytes.Compare(e.key, elements[i-1].key) <= 0 ||
			hi != nil && bytes.Compare(e.key, hi) >= 0 {
			return damaged("the keys of page %d are out of order", p.id)
		}
	}
	for i, e := range elements {
		switch {
		case p.flags == branchPage:
			end := hi
			if i+1 < len(elements) {
				end = elements[i+1].key
			}
			err = w.tree(e.child, e.key, end, depth+1)
		case e.bucket:
			err = w.bucket(p, e.value, depth)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// bucket verifies the tree of a bucket, which may lie in the value itself.
func (w *pageWalk) bucket(p *rawPage, value []byte, depth int) error {
	if len(value) < bucketSize {
		return damaged("a bucket on page %d is cut off", p.id)
	}
	if root := binary.NativeEndian.Uint64(value); root != 0 {
		return w.tree(root, nil, nil, depth+1)
	}
	inline := value[bucketSize:]
	if len(inline) < pageHeader {
		return damaged("a bucket on page %d is cut off", p.id)
	}
	order := binary.NativeEndian
	q := &rawPage{p.id, order.Uint16(inline[8:]), int(order.Uint16(inline[10:])), inline}
	if q.flags != leafPage {
		return damaged("a bucket on page %d is not a leaf", p.id)
	}
	return w.node(q, nil, nil, depth+1)
}

type element struct {
	key    []byte
	value  []byte // of a leaf
	child  uint64 // of a branch
	bucket bool   // the value is a bucket
}

// elements decodes a branch or leaf page.
func (p *rawPage) elements() ([]element, error) {
	if p.flags != branchPage && p.flags != leafPage || p.flags == branchPage && p.count == 0 ||
		pageHeader+p.count*elementSize > len(p.data) {
		return nil, damaged("page %d is neither a branch nor a leaf", p.id)
	}
	order := binary.NativeEndian
	out := make([]element, p.count)
	for i := range out {
		at := pageHeader + i*elementSize
		head := p.data[at:]
		pos, keySize, valueSize := order.Uint32(head), order.Uint32(head[4:]), uint32(0)
		if p.flags == leafPage {
			out[i].bucket = order.Uint32(head)&1 != 0
			pos, keySize, valueSize = order.Uint32(head[4:]), order.Uint32(head[8:]), order.Uint32(head[12:])
		} else {
			out[i].child = order.Uint64(head[8:])
		}
		key := uint64(at) + uint64(pos)
		value := key + uint64(keySize)
		if end := value + uint64(valueSize); end > uint64(len(p.data)) {
			return nil, damaged("element %d of page %d lies outside the page", i, p.id)
		} else {
			out[i].key, out[i].value = p.data[key:value], p.data[value:end]
		}
	}
	return out, nil
}
