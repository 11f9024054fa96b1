# shellcheck shell=bash
# Reverse proxies in front of the shop, for the scripts that source this file, scripts/lib/services.sh and
# scripts/lib/shop.sh: TLS ends there, and the prefix /shop.
# Each clears what a client says about itself, as the documentation of `proxy` asks.
#
#   proxy_begin                  makes a certificate for localhost, $PROXY_CA
#   services_start nginx         and haproxy_x_forwarded, haproxy_forwarded: in front of $SHOP_URL;
#                                sets $PROXY_URL

# shellcheck disable=SC2034
PROXY_URL=
PROXY_CA=

proxy_begin() {
  local tls
  tls=$(services_data_dir tls)
  PROXY_CA=$tls/certificate.pem
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost \
    -keyout "$tls/key.pem" -out "$PROXY_CA" 2>/dev/null
  cat "$PROXY_CA" "$tls/key.pem" >"$tls/both.pem"
  # The proxies of a root caller run as another user; the key ends with this script.
  chmod 755 "$tls"
  chmod 644 "$tls"/*.pem
}

proxy_ready() {
  curl -fsS --max-time 5 --cacert "$PROXY_CA" "https://localhost:$SERVICES_PORT/shop/health/ready"
}

# shellcheck disable=SC2034
proxy_export() { PROXY_URL="https://localhost:$SERVICES_PORT/shop"; }

# --- nginx ----------------------------------------------------------------------------------------

services_prepare_nginx() { services_data_dir nginx >/dev/null; }

services_serve_nginx() {
  nginx_conf >"$SERVICES_DIR/nginx/nginx.conf"
  services_unprivileged nginx -p "$SERVICES_DIR/nginx" -e stderr -c nginx.conf
}

# Host and port apart, so that X-Forwarded-Port has something to say.
nginx_conf() {
  cat <<CONF
daemon off;
pid nginx.pid;
error_log stderr;
worker_processes 1;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  ssl_certificate $SERVICES_DIR/tls/certificate.pem;
  ssl_certificate_key $SERVICES_DIR/tls/key.pem;
  server {
    listen 127.0.0.1:$SERVICES_PORT ssl default_server;
    return 421;
  }
  server {
    listen 127.0.0.1:$SERVICES_PORT ssl;
    server_name localhost shop.example;
    location /shop/ {
      proxy_pass $SHOP_URL/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Forwarded "";
      proxy_set_header X-Forwarded-For \$remote_addr;
      proxy_set_header X-Forwarded-Proto \$scheme;
      proxy_set_header X-Forwarded-Host \$host;
      proxy_set_header X-Forwarded-Port \$server_port;
      proxy_set_header X-Forwarded-Prefix /shop;
    }
  }
}
CONF
}

services_ready_nginx() { proxy_ready; }

services_export_nginx() { proxy_export; }

# --- haproxy --------------------------------------------------------------------------------------

haproxy_serve() {
  local dir=$SERVICES_DIR/$1
  haproxy_conf "$1" >"$dir/haproxy.cfg"
  services_unprivileged haproxy -db -f "$dir/haproxy.cfg"
}

haproxy_conf() {
  cat <<CONF
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
frontend public
  bind 127.0.0.1:$SERVICES_PORT ssl crt $SERVICES_DIR/tls/both.pem
  http-request deny deny_status 421 unless { req.hdr(host) -i localhost:$SERVICES_PORT }
  http-request deny deny_status 404 unless { path_beg /shop/ }
  default_backend shop
backend shop
  http-request del-header Forwarded
  http-request del-header X-Forwarded-For
  http-request del-header X-Forwarded-Proto
  http-request del-header X-Forwarded-Host
  http-request del-header X-Forwarded-Port
$("$1_headers")
  http-request set-header X-Forwarded-Prefix /shop
  http-request replace-path /shop/(.*) /\1
  server shop ${SHOP_URL#http://}
CONF
}

haproxy_x_forwarded_headers() {
  cat <<'CONF'
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
  http-request set-header X-Forwarded-Host %[req.hdr(Host)]
  http-request set-header X-Forwarded-Port %[dst_port]
CONF
}

# `option forwarded` came with 2.8; before that the header is written by hand, as RFC 7239 has it.
haproxy_forwarded_headers() {
  local version
  version=$(haproxy -v | sed -n 's/^HAProxy version \([0-9]*\.[0-9]*\).*/\1/p')
  if [[ $(printf '%s\n' 2.8 "$version" | sort -V | head -n 1) == 2.8 ]]; then
    printf '  option forwarded proto host for by\n'
  else
    printf '  http-request set-header Forwarded %s\n' \
      '"by=_shop;for=%[src];host=\"%[req.hdr(Host)]\";proto=%[ssl_fc,iif(https,http)]"'
  fi
}

services_prepare_haproxy_x_forwarded() { services_data_dir haproxy_x_forwarded >/dev/null; }
services_serve_haproxy_x_forwarded() { haproxy_serve haproxy_x_forwarded; }
services_ready_haproxy_x_forwarded() { proxy_ready; }
services_export_haproxy_x_forwarded() { proxy_export; }

services_prepare_haproxy_forwarded() { services_data_dir haproxy_forwarded >/dev/null; }
services_serve_haproxy_forwarded() { haproxy_serve haproxy_forwarded; }
services_ready_haproxy_forwarded() { proxy_ready; }
services_export_haproxy_forwarded() { proxy_export; }
