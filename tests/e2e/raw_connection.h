// A TCP connection that speaks what a test wants, for clients that no library would make.
#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <utility>

#include <gtest/gtest.h>

namespace lingula::test {

class RawConnection {
 public:
  explicit RawConnection(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    const timeval patience{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    EXPECT_EQ(connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  RawConnection(RawConnection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~RawConnection() {
    if (fd_ >= 0) {
      close(fd_);
    }
  }

  void Send(const std::string& bytes) {
    for (size_t sent = 0; sent < bytes.size();) {
      const ssize_t now = send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (now <= 0) {
        return;  // cut off: the reader will say so
      }
      sent += static_cast<size_t>(now);
    }
  }
  // What comes next, `size` bytes at most; empty: the server has closed, or kept silent for 20 s.
  std::string Read(size_t size = 4096) {
    std::string bytes(size, '\0');
    const ssize_t got = recv(fd_, bytes.data(), size, 0);
    silent_ = got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    bytes.resize(got > 0 ? static_cast<size_t>(got) : 0);
    return bytes;
  }
  // Reads on until the server closes. False when it keeps silent instead.
  bool WaitUntilClosed() {
    while (!Read().empty()) {
    }
    return !silent_;
  }

 private:
  int fd_;
  bool silent_ = false;
};

// HTTP/2: the client's greeting with empty settings, and frames.
inline std::string Greeting() {
  return std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") + std::string("\0\0\0\4\0\0\0\0\0", 9);
}
inline std::string Frame(int type, int flags, int stream, const std::string& content) {
  const auto size = static_cast<uint32_t>(content.size());
  std::string frame;
  for (const uint32_t byte :
       {size >> 16, size >> 8, size, static_cast<uint32_t>(type), static_cast<uint32_t>(flags), 0U,
        0U, 0U, static_cast<uint32_t>(stream)}) {
    frame.push_back(static_cast<char>(byte));
  }
  return frame + content;
}
// A header as HPACK writes one that it does not know and shall not remember; both short.
inline std::string Header(const std::string& name, const std::string& value) {
  std::string text(1, '\0');
  text.push_back(static_cast<char>(name.size()));
  text += name;
  text.push_back(static_cast<char>(value.size()));
  return text + value;
}
// The headers of a Segment call.
inline std::string CallHeaders(const std::string& more = "") {
  return Header(":method", "POST") + Header(":scheme", "http") +
         Header(":path", "/lingula.v1.Segmentation/Segment") + Header(":authority", "localhost") +
         Header("content-type", "application/grpc") + Header("te", "trailers") + more;
}

}  // namespace lingula::test
