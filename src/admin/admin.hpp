// The administration API: everything the command line and the console do to a running gateway, under /admin/v1/.
//
//   admin::add_routes(router, gateway);
//
//   GET    /admin/v1/status                         what runs, what is up, the log
//   POST   /admin/v1/reload                         the next Snapshot, whole or not at all
//   DELETE /admin/v1/quarantine[/{beginning}]       let requests go to engines again that had killed them
//   GET    /admin/v1/keys          POST …/keys      list; create (the secret is in this one answer)
//   DELETE /admin/v1/keys/{id}                      revoke
//   POST   /admin/v1/keys/{id}/rotate               a successor; the old one stays good for a while
//   GET    /admin/v1/usage?by=…&since=…&until=…&format=table|csv|json
//   GET    /admin/v1/audit?from=N&limit=M           records as they are stored
//   GET    /admin/v1/audit/{index}                  one record
//   GET    /admin/v1/audit/{index}/proof            its inclusion proof, c2sp.org/tlog-proof
//   POST   /admin/v1/erase                          {"subject": "KEY ID"}: destroy what is kept of that caller's contents
//   GET    /openapi.json                            this surface, for machines
//
// Scopes: admin; usage:read and audit:read for those alone. Over DATA/run/admin.sock the owner of the data folder needs no key. Handlers run on the
// exchange's loop; what may wait for the disk is short (one row, one tile) or asked for by an administrator.
#pragma once

#include "gateway/gateway.hpp"

namespace demarc::admin {

void add_routes(gateway::Router& router, gateway::Gateway& gateway);

}  // namespace demarc::admin
