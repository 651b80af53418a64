// fake_engine SOCKET [BEHAVIOUR]: answers GET /health on a Unix socket as an engine would, for the tests of supervision.
// BEHAVIOUR: "" answers 200 for ever; "loading N" answers 503 N times first; "die N" exits with status 3 at the N-th probe; "hang N" stops answering
// after N; "busy N" then uses the processor instead; "gossip N" prints a line at every probe from the second on, and ends at the N-th; "network PORT"
// exits with 42 if it can connect to 127.0.0.1:PORT, else serves.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  const std::string behaviour = argc > 2 ? argv[2] : "";
  const int number = argc > 3 ? std::atoi(argv[3]) : 0;
  if (behaviour == "network") {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET, to.sin_port = htons(static_cast<std::uint16_t>(number)), to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) return 42;
    std::printf("no network: %s\n", std::strerror(errno));
  }
  std::printf("serving as %s\n", behaviour.c_str());
  std::fflush(stdout);
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::strncpy(at.sun_path, argv[1], sizeof at.sun_path - 1);
  if (bind(listener, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 || listen(listener, 16) != 0) return 4;
  for (int probes = 1;; ++probes) {
    const int client = accept(listener, nullptr, nullptr);
    char request[1024];
    if (read(client, request, sizeof request) < 0) return 5;
    if ((behaviour == "die" || behaviour == "gossip") && probes >= number) return 3;
    if (behaviour == "gossip" && probes > 1) std::printf("I was asked\n"), std::fflush(stdout);
    if (behaviour == "hang" && probes > number) pause();
    for (volatile int spin = 0; behaviour == "busy" && probes > number;) spin = spin + 1;
    const char* reply = behaviour == "loading" && probes <= number ? "HTTP/1.1 503 Loading\r\nContent-Length: 0\r\n\r\n"
                                                                   : "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
    if (write(client, reply, std::strlen(reply)) < 0) return 6;
    close(client);
  }
}
