import { lookup as systemLookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { DomainError } from '../../../shared/errors.js';

/** Where clouds hand out credentials to whoever asks from inside; no allow-list opens these. */
const METADATA = new Set(
  [
    '169.254.169.254',
    '169.254.169.253',
    '169.254.170.2',
    '169.254.170.23',
    '100.100.100.200',
    '168.63.129.16',
    '192.0.0.192',
    'fd00:ec2::254',
    'fd00:ec2::23',
    'fd20:ce::254',
  ].map((address) => ipaddr.parse(address).toString()),
);
const METADATA_NAMES = ['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data'];
const GLOBAL_IPV6 = ipaddr.parseCIDR('2000::/3');
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96');
const UNREADABLE = /[\s\\\p{Cc}]/u;

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Resolve = (host: string, options: LookupOptions & { all: true }, done: Resolved) => void;
type Resolved = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;

/** An upstream's address leads somewhere the gateway must not go. */
export class AddressRefused extends DomainError {
  readonly refusal = 'invalid';
  readonly code = 'invalid_base_url';
}

/**
 * Decides where upstreams may live: on the public internet, and in the private ranges that the operator allows.
 * An address is judged when it is written down and again at every connection, by what its name resolves to then.
 */
export class AddressRules {
  private readonly allowed: [Address, number][];

  constructor(
    allowedRanges: readonly string[],
    private readonly resolve: Resolve = systemLookup,
  ) {
    this.allowed = allowedRanges.map(rangeOf);
  }

  /** The address as it will be used. Throws AddressRefused; a name passes here and is judged when it is resolved. */
  parse(baseUrl: string): URL {
    const url = UNREADABLE.test(baseUrl) ? null : URL.parse(baseUrl);
    if (!url || !['http:', 'https:'].includes(url.protocol)) {
      throw new AddressRefused('The base URL must be an http or https address.');
    }
    if (url.username || url.password) throw new AddressRefused('Leave user and password out of the base URL.');
    if (/[?#]/.test(baseUrl)) throw new AddressRefused('Leave query and fragment out of the base URL.');
    if (!this.allowsHost(hostOf(url))) {
      throw new AddressRefused('The base URL leads to a private address. Allow its range in UPSTREAM_ALLOWED_CIDRS.');
    }
    return url;
  }

  /** Whether a connection may be opened to this host; for a name that says nothing yet about what it resolves to. */
  allowsHost(host: string): boolean {
    const name = host.toLowerCase().replace(/\.$/, '');
    if (isIP(name)) return this.allows(name);
    if (METADATA_NAMES.includes(name)) return false;
    const isLocal = name === 'localhost' || name.endsWith('.localhost');
    return !isLocal || this.allows('127.0.0.1') || this.allows('::1');
  }

  allows(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const written = ipaddr.parse(address.replace(/%.*$/, ''));
    const inside = embedded(written);
    if ([written, inside].some(isMetadata)) return false;
    // An address of another family inside is what a connection really reaches; NAT64 as such stays closed unless allowed.
    const judged = isMapped(written) ? inside : written;
    return this.isListed(judged) || isPublic(judged);
  }

  /** For `net.connect`: resolves a name and fails if any of its addresses may not be reached. */
  readonly lookup: LookupFunction = (host, options, done) => {
    this.resolve(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, '');
      if (addresses.length === 0 || !addresses.every(({ address }) => this.allows(address))) {
        return done(new AddressRefused('The name of the upstream leads to an address that is not allowed.'), '');
      }
      if (options.all) return done(null, addresses);
      return done(null, addresses[0]!.address, addresses[0]!.family);
    });
  };

  private isListed(address: Address): boolean {
    return this.allowed.some((range) => isWithin(address, range));
  }
}

/** Without the brackets of an IPv6 address. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

function rangeOf(text: string): [Address, number] {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  const address = ipaddr.parse(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128];
}

function isWithin(address: Address, range: [Address, number]): boolean {
  return address.kind() === range[0].kind() && address.match(range);
}

function isMapped(address: Address): boolean {
  return address instanceof ipaddr.IPv6 && address.isIPv4MappedAddress();
}

/** The IPv4 address that an IPv4-mapped or NAT64 address stands for; any other address itself. */
function embedded(address: Address): Address {
  if (!(address instanceof ipaddr.IPv6)) return address;
  if (address.isIPv4MappedAddress()) return address.toIPv4Address();
  return isWithin(address, NAT64) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address;
}

function isMetadata(address: Address): boolean {
  return METADATA.has(address.toString());
}

function isPublic(address: Address): boolean {
  return address.range() === 'unicast' && (address.kind() === 'ipv4' || isWithin(address, GLOBAL_IPV6));
}
