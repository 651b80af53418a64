#include "speech/worker/mute.hpp"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

namespace demarc::speech::worker {
namespace {

constexpr std::uint64_t kHeaderBytes = 44;
constexpr int kUsage = 2;
static_assert(std::endian::native == std::endian::little, "samples are written as they lie in memory");

std::string little(std::uint64_t number, int bytes) {
  std::string out;
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(number >> (8 * i) & 0xff);
  return out;
}

// RIFF WAVE, Microsoft "Multimedia Programming Interface and Data Specifications 1.0": PCM, 16 bits.
std::string header(Shape shape, std::uint64_t data_bytes) {
  const auto rate = static_cast<std::uint64_t>(shape.rate_hz), frame_bytes = static_cast<std::uint64_t>(shape.channels) * 2;
  return "RIFF" + little(data_bytes + kHeaderBytes - 8, 4) + "WAVEfmt " + little(16, 4) + little(1, 2) +
         little(static_cast<std::uint64_t>(shape.channels), 2) + little(rate, 4) + little(rate * frame_bytes, 4) + little(frame_bytes, 2) +
         little(16, 2) + "data" + little(data_bytes, 4);
}

class Muting {
 public:
  Muting(const std::vector<Quiet>& quiet, std::ostream& out, std::uint64_t max_bytes) : quiet_(quiet), out_(out), max_bytes_(max_bytes) {}

  Result<void, AudioError> take(Shape shape, std::span<const std::int16_t> samples) {
    if (!begun_) shape_ = shape, begun_ = true, put(header(shape, 0));
    if (kHeaderBytes + data_bytes_ + samples.size_bytes() > max_bytes_) return fail(AudioError::too_long);
    piece_.assign(samples.begin(), samples.end());
    const auto channels = static_cast<std::size_t>(shape.channels);
    const auto frames = static_cast<std::int64_t>(samples.size() / channels);
    while (next_ < quiet_.size() && end_frame(quiet_[next_], at_ + 1) <= at_) ++next_;
    for (std::size_t i = next_; i < quiet_.size() && first_frame(quiet_[i]) < at_ + frames; ++i) {
      const Quiet& quiet = quiet_[i];
      const std::int64_t first = std::max<std::int64_t>(0, first_frame(quiet) - at_);
      const std::int64_t last = std::min(frames, end_frame(quiet, at_ + frames) - at_);
      if (first < last)
        std::fill_n(piece_.begin() + static_cast<std::ptrdiff_t>(channels) * first, static_cast<std::ptrdiff_t>(channels) * (last - first),
                    std::int16_t{0});
    }
    at_ += frames;
    data_bytes_ += samples.size_bytes();
    put({reinterpret_cast<const char*>(piece_.data()), samples.size_bytes()});
    return {};
  }

  [[nodiscard]] bool begun() const { return begun_; }
  bool finish() {
    out_.seekp(0);
    put(header(shape_, data_bytes_));
    out_.flush();
    return static_cast<bool>(out_);
  }

 private:
  void put(std::string_view bytes) { out_.write(bytes.data(), static_cast<std::streamsize>(bytes.size())); }
  [[nodiscard]] std::int64_t first_frame(const Quiet& quiet) const { return quiet.start_ms * shape_.rate_hz / 1000; }
  [[nodiscard]] std::int64_t end_frame(const Quiet& quiet, std::int64_t all) const {
    return quiet.end_ms ? (*quiet.end_ms * shape_.rate_hz + 999) / 1000 : all;
  }

  const std::vector<Quiet>& quiet_;
  std::ostream& out_;
  const std::uint64_t max_bytes_;
  bool begun_ = false;
  Shape shape_;
  std::int64_t at_ = 0;   // frames so far
  std::size_t next_ = 0;  // of quiet_: those before it are over
  std::uint64_t data_bytes_ = 0;
  std::vector<std::int16_t> piece_;
};

constexpr std::int64_t kMostMs = std::int64_t{1} << 40;  // what is counted in samples stays far below 2^63

std::optional<Quiet> parse_quiet(std::string_view text) {
  Quiet quiet;
  const char* const end = text.data() + text.size();
  const auto start = std::from_chars(text.data(), text.data() + text.size(), quiet.start_ms);
  if (start.ec != std::errc() || start.ptr == end || *start.ptr != '-') return {};
  if (quiet.start_ms < 0 || quiet.start_ms > kMostMs) return {};
  if (start.ptr + 1 == end) return quiet;
  std::int64_t until = 0;
  const auto stop = std::from_chars(start.ptr + 1, end, until);
  if (stop.ec != std::errc() || stop.ptr != end || until < quiet.start_ms || until > kMostMs) return {};
  quiet.end_ms = until;
  return quiet;
}

int failed(const std::string& what) { return std::fprintf(stderr, "%s\n", what.c_str()), 1; }

}  // namespace

Result<void, MuteFailure> mute_audio(std::string_view file, const std::vector<Quiet>& quiet, std::ostream& out, std::uint64_t max_bytes) {
  Muting muting(quiet, out, max_bytes);
  const auto decoded = decode_samples(file, {}, [&](Shape shape, std::span<const std::int16_t> samples) { return muting.take(shape, samples); });
  if (!decoded) {
    const bool too_long = decoded.error() == AudioError::too_long;
    return fail(MuteFailure{too_long ? MuteError::too_long : MuteError::decode, decoded.error()});
  }
  if (!muting.begun()) return fail(MuteFailure{MuteError::decode, AudioError::no_sound});
  if (!muting.finish()) return fail(MuteFailure{.kind = MuteError::write});
  return {};
}

int run_mute(int argc, char** argv) {
  if (argc < 4) return std::fprintf(stderr, "usage: demarc-speech --mute IN OUT [START_MS-[END_MS]]...\n"), kUsage;
  std::vector<Quiet> quiet;
  for (int i = 4; i < argc; ++i) {
    const auto one = parse_quiet(argv[i]);
    if (!one) return std::fprintf(stderr, "demarc-speech: %s is no stretch of time\n", argv[i]), kUsage;
    quiet.push_back(*one);
  }
  std::ifstream in(argv[2], std::ios::binary | std::ios::ate);
  if (!in) return failed("the recording cannot be read");
  if (static_cast<std::uint64_t>(in.tellg()) > kMaxFileBytes) return failed(std::string(describe(AudioError::too_large)));
  in.seekg(0);
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  std::ofstream out(argv[3], std::ios::binary);
  if (!out) return failed("the silenced recording cannot be written");
  const auto done = mute_audio(file, quiet, out);
  if (done) return 0;
  switch (done.error().kind) {
    case MuteError::decode: return failed(std::string(describe(done.error().audio)));
    case MuteError::too_long: return failed("The recording takes more than 4 GiB as WAV.");
    case MuteError::write: return failed("the silenced recording cannot be written");
  }
  return 1;
}

}  // namespace demarc::speech::worker
