// demarc-tensor: labels what is named in texts, behind a Unix socket. Started by the gateway, with one settings file (ARCHITECTURE.md, worker
// protocol).
#include "tensor/worker/service.hpp"

int main(int argc, char** argv) { return demarc::workers::run_worker<demarc::tensor::worker::Service>(argc, argv, "demarc-tensor"); }
