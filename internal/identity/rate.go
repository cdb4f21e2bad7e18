package identity

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"

	"peregrine/internal/store"
)

// limit counts a request against its address and its network. The counters
// are always taken in this order, so that no two requests wait for each other.
func (s *Service) limit(ctx context.Context, db store.DBTX, email, network string) error {
	if err := count(ctx, db, "address "+strings.ToLower(email), s.limits.PerAddress); err != nil {
		return err
	}
	return count(ctx, db, "network "+networkOf(network), s.limits.PerNetwork)
}

// count counts one use of what in this hour; only its hash is kept.
func count(ctx context.Context, db store.DBTX, what string, most int) error {
	sum := sha256.Sum256([]byte(what))
	n, err := queries.CountUse(ctx, db, hex.EncodeToString(sum[:]))
	if err != nil {
		return fmt.Errorf("count the request: %w", err)
	}
	if int(n) > most {
		return refused("refusal.too_many_requests")
	}
	return nil
}

// networkOf is the part of an address that one household or office shares:
// an IPv4 address, the first 64 bits of an IPv6 one.
func networkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	ip = ip.Unmap().WithZone("")
	if ip.Is4() {
		return ip.String()
	}
	prefix, err := ip.Prefix(64)
	if err != nil {
		return ip.String()
	}
	return prefix.String()
}
