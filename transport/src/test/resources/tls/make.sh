#!/usr/bin/env bash
# Makes the certificates of the TLS tests of worker and orchestrator with OpenSSL 3: valid from 2020 to 2120, expired.pem until 2021.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

key() { openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out "$1"; }

# sign NAME KEY END EXTENSIONS OPTION…
sign() {
  local name=$1 key=$2 end=$3 extensions=$4
  shift 4
  : >"$work/index"
  cat >"$work/config" <<CONFIG
[ca]
default_ca = authority
[authority]
database = $work/index
new_certs_dir = $work
rand_serial = yes
default_md = sha256
policy = any
x509_extensions = extensions
[any]
commonName = supplied
[extensions]
$extensions
[req]
distinguished_name = name
[name]
CONFIG
  openssl req -new -config "$work/config" -key "$key" -subj "/CN=$name" -out "$work/request"
  openssl ca -config "$work/config" -batch -notext -startdate 20200101000000Z -enddate "$end" \
    -in "$work/request" -out "$name.pem" "$@" 2>/dev/null
}

authority() {
  key "$work/$1.key"
  sign "$1" "$work/$1.key" 21200101000000Z basicConstraints=critical,CA:TRUE -selfsign -keyfile "$work/$1.key"
}

# certificate NAME AUTHORITY END EXTENSIONS
certificate() {
  key "$1.key"
  sign "$1" "$1.key" "$3" "$4" -cert "$2.pem" -keyfile "$work/$2.key"
}

server='subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1'
authority ca
authority other-ca
certificate server ca 21200101000000Z "$server"
certificate renewed ca 21200101000000Z "$server"
certificate expired ca 20210101000000Z "$server"
certificate wrong-host ca 21200101000000Z 'subjectAltName=DNS:worker.invalid'
certificate client ca 21200101000000Z 'extendedKeyUsage=clientAuth'
certificate other-client other-ca 21200101000000Z 'extendedKeyUsage=clientAuth'
