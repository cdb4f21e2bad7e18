package letter

import "bytes"

// Wire is the message as it goes over the wire.
func (m Message) Wire(d *DKIM) ([]byte, error) {
	msg, err := m.build()
	if err != nil {
		return nil, err
	}
	if err := d.sign(msg); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = msg.WriteTo(&b)
	return b.Bytes(), err
}
