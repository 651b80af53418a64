#include "speech/worker/audio.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>
#include <libavutil/opt.h>
#include <libswresample/swresample.h>
}

namespace demarc::speech::worker {
namespace {

constexpr const char* kFormats = "wav,w64,flac,mp3,ogg,mov,matroska,webm,aac,aiff";
constexpr const char* kCodecs =
    "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_s32be,pcm_f32le,pcm_f64le,pcm_u8,pcm_alaw,pcm_mulaw,"
    "flac,mp3,mp3float,vorbis,opus,libopus,aac,alac,adpcm_ms,adpcm_ima_wav";
constexpr int kIoBufferBytes = 64 << 10;
constexpr int kMaxStreams = 16;
constexpr int kMinRateHz = 4'000, kMaxRateHz = 384'000;  // what lies outside is no recording, and would blow up when resampled
constexpr int kMaxChannels = 16;
constexpr int kPacketsBetweenQuestions = 256;
constexpr int kMostSecondsAtOnce = 600;   // out of one packet
constexpr std::int64_t kRunUpMs = 1'000;  // what a codec is given before the place that it is to be right from

// libav* types, freed by their own functions
struct Free {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
  void operator()(AVCodecContext* context) const { avcodec_free_context(&context); }
  void operator()(SwrContext* context) const { swr_free(&context); }
  void operator()(AVPacket* packet) const { av_packet_free(&packet); }
  void operator()(AVFrame* frame) const { av_frame_free(&frame); }
  void operator()(AVIOContext* io) const { av_freep(static_cast<void*>(&io->buffer)), avio_context_free(&io); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

struct Memory {
  std::string_view bytes;
  std::size_t at = 0;
};

int read_memory(void* opaque, std::uint8_t* to, int size) {
  Memory& memory = *static_cast<Memory*>(opaque);
  const std::size_t count = std::min(static_cast<std::size_t>(std::max(size, 0)), memory.bytes.size() - memory.at);
  if (count == 0) return AVERROR_EOF;
  std::memcpy(to, memory.bytes.data() + memory.at, count);
  memory.at += count;
  return static_cast<int>(count);
}

std::int64_t seek_memory(void* opaque, std::int64_t offset, int whence) {
  Memory& memory = *static_cast<Memory*>(opaque);
  const auto size = static_cast<std::int64_t>(memory.bytes.size());
  std::int64_t base = 0;
  switch (whence & ~AVSEEK_FORCE) {
    case AVSEEK_SIZE: return size;
    case SEEK_SET: break;
    case SEEK_CUR: base = static_cast<std::int64_t>(memory.at); break;
    case SEEK_END: base = size; break;
    default: return AVERROR(EINVAL);
  }
  if (offset < -base || offset > size - base) return AVERROR(EINVAL);
  memory.at = static_cast<std::size_t>(base + offset);
  return base + offset;
}

// A container may name other files; none is opened.
int refuse_to_open(AVFormatContext*, AVIOContext**, const char*, int, AVDictionary**) { return AVERROR(EACCES); }

struct Source {
  Memory memory;
  Owned<AVIOContext> io;  // declared before the format: closed after it
  Owned<AVFormatContext> format;
  Owned<AVCodecContext> codec;
  int stream = -1;
  bool is_amid = false;  // it was sought: the next frame's time says where it is
};

bool is_sane(int rate_hz, int channels) { return rate_hz >= kMinRateHz && rate_hz <= kMaxRateHz && channels >= 1 && channels <= kMaxChannels; }

Result<void, AudioError> open_container(Source& source) {
  auto* buffer = static_cast<unsigned char*>(av_malloc(kIoBufferBytes));
  if (buffer == nullptr) return fail(AudioError::too_large);
  source.io.reset(avio_alloc_context(buffer, kIoBufferBytes, 0, &source.memory, read_memory, nullptr, seek_memory));
  AVFormatContext* format = avformat_alloc_context();
  if (source.io == nullptr || format == nullptr) return fail(AudioError::too_large);
  format->pb = source.io.get();
  format->flags |= AVFMT_FLAG_CUSTOM_IO;
  format->io_open = refuse_to_open;
  format->max_streams = kMaxStreams;
  av_opt_set(format, "format_whitelist", kFormats, 0);
  av_opt_set(format, "codec_whitelist", kCodecs, 0);
  av_opt_set(format, "protocol_whitelist", "", 0);
  if (avformat_open_input(&format, nullptr, nullptr, nullptr) < 0) return fail(AudioError::not_audio);  // frees `format` when it fails
  source.format.reset(format);
  if (avformat_find_stream_info(format, nullptr) < 0) return fail(AudioError::not_audio);
  return {};
}

Result<void, AudioError> open_codec(Source& source) {
  const AVCodec* decoder = nullptr;
  source.stream = av_find_best_stream(source.format.get(), AVMEDIA_TYPE_AUDIO, -1, -1, &decoder, 0);
  if (source.stream == AVERROR_DECODER_NOT_FOUND) return fail(AudioError::unsupported);
  if (source.stream < 0) return fail(AudioError::no_sound);
  for (unsigned i = 0; i < source.format->nb_streams; ++i)
    if (static_cast<int>(i) != source.stream) source.format->streams[i]->discard = AVDISCARD_ALL;
  const AVCodecParameters& parameters = *source.format->streams[source.stream]->codecpar;
  if (!is_sane(parameters.sample_rate, parameters.ch_layout.nb_channels)) return fail(AudioError::unsupported);
  source.codec.reset(avcodec_alloc_context3(decoder));
  if (source.codec == nullptr || avcodec_parameters_to_context(source.codec.get(), &parameters) < 0) return fail(AudioError::unsupported);
  source.codec->thread_count = 1;
  av_opt_set(source.codec.get(), "codec_whitelist", kCodecs, 0);
  if (avcodec_open2(source.codec.get(), decoder, nullptr) < 0) return fail(AudioError::unsupported);
  return {};
}

Result<void, AudioError> open(Source& source) {
  if (source.memory.bytes.empty()) return fail(AudioError::empty);
  av_log_set_level(AV_LOG_QUIET);  // its messages may quote the file
  TRY(open_container(source));
  return open_codec(source);
}

Result<void, AudioError> open_within(Source& source, const AudioLimits& limits) {
  if (source.memory.bytes.size() > limits.file_bytes) return fail(AudioError::too_large);
  TRY(open(source));
  if (source.format->duration / AV_TIME_BASE > limits.duration_s) return fail(AudioError::too_long);  // it says so itself, before any work
  return {};
}

// Without decoding what lies before. A container that cannot seek stays where it is.
void seek(Source& source, std::int64_t to_ms) {
  if (to_ms <= 0) return;
  const AVStream& stream = *source.format->streams[source.stream];
  const std::int64_t first = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
  const std::int64_t at = first + av_rescale_q(to_ms, {1, 1'000}, stream.time_base);
  source.is_amid = av_seek_frame(source.format.get(), source.stream, at, AVSEEK_FLAG_BACKWARD) >= 0;
  avcodec_flush_buffers(source.codec.get());
}

// Where a frame lies, from the beginning of the sound; nullopt: nobody says.
std::optional<std::int64_t> place_of(const Source& source, const AVFrame& frame) {
  if (frame.best_effort_timestamp == AV_NOPTS_VALUE) return {};
  const AVStream& stream = *source.format->streams[source.stream];
  const std::int64_t first = stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time;
  return av_rescale_q(frame.best_effort_timestamp - first, stream.time_base, {1, kSampleRateHz});
}

// Frames in, 16-bit samples of one shape out; begins anew when a file changes its format on the way.
class Resampler {
 public:
  Resampler(Shape shape, const OnSamples& on_samples) : shape_(shape), on_samples_(on_samples) {}
  ~Resampler() {
    av_channel_layout_uninit(&layout_);
    av_channel_layout_uninit(&out_);
  }
  Resampler(const Resampler&) = delete;
  Resampler& operator=(const Resampler&) = delete;

  Result<void, AudioError> add(const AVFrame& frame) {
    if (!is_sane(frame.sample_rate, frame.ch_layout.nb_channels)) return fail(AudioError::unsupported);
    if (swr_ == nullptr || frame.sample_rate != rate_hz_ || frame.format != format_ || av_channel_layout_compare(&frame.ch_layout, &layout_) != 0) {
      TRY(flush());
      TRY(configure(frame));
    }
    return convert(const_cast<const std::uint8_t**>(frame.extended_data), frame.nb_samples);
  }

  Result<void, AudioError> flush() { return swr_ == nullptr ? Result<void, AudioError>{} : convert(nullptr, 0); }

 private:
  Result<void, AudioError> configure(const AVFrame& frame) {
    rate_hz_ = frame.sample_rate, format_ = frame.format;
    if (av_channel_layout_copy(&layout_, &frame.ch_layout) < 0) return fail(AudioError::unsupported);
    AVChannelLayout in = {};
    if (layout_.order == AV_CHANNEL_ORDER_UNSPEC)
      av_channel_layout_default(&in, layout_.nb_channels);
    else if (av_channel_layout_copy(&in, &layout_) < 0)
      return fail(AudioError::unsupported);
    if (shape_.rate_hz == 0) shape_.rate_hz = rate_hz_;
    if (shape_.channels == 0) {
      shape_.channels = in.nb_channels;
      if (av_channel_layout_copy(&out_, &in) < 0) return fail(AudioError::unsupported);
    }
    if (out_.nb_channels == 0) av_channel_layout_default(&out_, shape_.channels);
    SwrContext* made = nullptr;
    const int allocated =
        swr_alloc_set_opts2(&made, &out_, AV_SAMPLE_FMT_S16, shape_.rate_hz, &in, static_cast<AVSampleFormat>(format_), rate_hz_, 0, nullptr);
    av_channel_layout_uninit(&in);
    swr_.reset(made);
    if (allocated < 0 || swr_init(made) < 0) return fail(AudioError::unsupported);
    return {};
  }

  Result<void, AudioError> convert(const std::uint8_t** planes, int count) {
    const int room = swr_get_out_samples(swr_.get(), count);
    if (room < 0) return fail(AudioError::unsupported);
    if (room / kMostSecondsAtOnce > shape_.rate_hz) return fail(AudioError::too_long);
    samples_.resize(static_cast<std::size_t>(room) * static_cast<std::size_t>(shape_.channels));
    auto* out = reinterpret_cast<std::uint8_t*>(samples_.data());
    const int got = swr_convert(swr_.get(), &out, room, planes, count);
    if (got < 0) return fail(AudioError::unsupported);
    if (got == 0) return {};
    return on_samples_(shape_, std::span(samples_).first(static_cast<std::size_t>(got) * static_cast<std::size_t>(shape_.channels)));
  }

  Shape shape_;
  const OnSamples& on_samples_;
  std::vector<std::int16_t> samples_;  // of one frame: reused
  Owned<SwrContext> swr_;
  AVChannelLayout layout_ = {}, out_ = {};
  int rate_hz_ = 0, format_ = -1;
};

using OnFrame = std::function<Result<void, AudioError>(const AVFrame&)>;
Result<void, AudioError> take_frames(Source& source, AVFrame& frame, const OnFrame& on_frame, Resampler& resampler) {
  while (avcodec_receive_frame(source.codec.get(), &frame) >= 0) {
    if (on_frame) TRY(on_frame(frame));
    const Result<void, AudioError> added = resampler.add(frame);
    av_frame_unref(&frame);
    if (!added) return added;
  }
  return {};
}

Result<void, AudioError> read_all(Source& source, Resampler& resampler, const std::function<bool()>& proceed, const OnFrame& on_frame = {}) {
  const Owned<AVPacket> packet(av_packet_alloc());
  const Owned<AVFrame> frame(av_frame_alloc());
  if (packet == nullptr || frame == nullptr) return fail(AudioError::too_large);
  for (int count = 1; av_read_frame(source.format.get(), packet.get()) >= 0; ++count) {
    const bool ours = packet->stream_index == source.stream;
    if (ours) avcodec_send_packet(source.codec.get(), packet.get());  // a damaged packet fails here and is skipped
    av_packet_unref(packet.get());
    if (ours) TRY(take_frames(source, *frame, on_frame, resampler));
    if (count % kPacketsBetweenQuestions == 0 && proceed && !proceed()) return fail(AudioError::stopped);
  }
  avcodec_send_packet(source.codec.get(), nullptr);
  TRY(take_frames(source, *frame, on_frame, resampler));
  return resampler.flush();
}

}  // namespace

std::string_view describe(AudioError error) {
  switch (error) {
    case AudioError::empty: return "The file is empty.";
    case AudioError::too_large: return "The file is larger than 200 MiB.";
    case AudioError::not_audio: return "The file is not audio in a format that is understood here: wav, flac, mp3, ogg, opus, m4a or webm.";
    case AudioError::no_sound: return "The file holds no sound that could be decoded.";
    case AudioError::unsupported: return "The file's audio codec, sample rate or number of channels is not supported.";
    case AudioError::too_long: return "The recording is longer than 24 hours.";
    case AudioError::stopped: return "The request was cancelled.";
  }
  CHECK(false);
  return {};
}

Result<void, AudioError> decode_samples(std::string_view file, Shape shape, const OnSamples& on_samples, const std::function<bool()>& proceed) {
  if (file.size() > kMaxFileBytes) return fail(AudioError::too_large);
  Source source{.memory = {file}};
  TRY(open(source));
  Resampler resampler(shape, on_samples);
  return read_all(source, resampler, proceed);
}

namespace {

enum class Start : std::uint8_t { sought, beginning };

// Sought, it fails with `unsupported` before any sample if the file does not say where its sound then begins.
Result<void, AudioError> decode_from(Start start, std::string_view file, const AudioLimits& limits, const OnSpeech& on_speech,
                                     const std::function<bool()>& proceed) {
  Source source{.memory = {file}};
  TRY(open_within(source, limits));
  const std::int64_t first = limits.from_ms * kSampleRateHz / 1'000, last = limits.duration_s * kSampleRateHz;
  std::int64_t at = 0;  // of the next sample in the recording
  if (start == Start::sought) seek(source, limits.from_ms - kRunUpMs);
  const OnFrame where = [&](const AVFrame& frame) -> Result<void, AudioError> {
    if (!std::exchange(source.is_amid, false)) return {};
    const auto place = place_of(source, frame);
    if (!place || *place < 0 || *place > first) return fail(AudioError::unsupported);
    at = *place;
    return {};
  };
  bool is_empty = true;
  const OnSamples pass_on = [&](Shape, std::span<const std::int16_t> samples) -> Result<void, AudioError> {
    is_empty = false;
    const std::int64_t begin = std::exchange(at, at + static_cast<std::int64_t>(samples.size()));
    if (at > last) return fail(AudioError::too_long);
    const auto passed_over = static_cast<std::size_t>(std::clamp<std::int64_t>(first - begin, 0, static_cast<std::int64_t>(samples.size())));
    if (passed_over == samples.size()) return {};
    return on_speech(samples.subspan(passed_over), static_cast<double>(source.memory.at) / static_cast<double>(file.size()));
  };
  Resampler resampler({.rate_hz = kSampleRateHz, .channels = 1}, pass_on);
  TRY(read_all(source, resampler, proceed, where));
  if (is_empty && limits.from_ms == 0) return fail(AudioError::no_sound);
  return {};
}

}  // namespace

Result<void, AudioError> decode_speech(std::string_view file, const AudioLimits& limits, const OnSpeech& on_speech,
                                       const std::function<bool()>& proceed) {
  if (limits.from_ms <= kRunUpMs) return decode_from(Start::beginning, file, limits, on_speech, proceed);
  bool has_begun = false;
  const OnSpeech noting = [&](std::span<const std::int16_t> samples, double part_of_file) {
    has_begun = true;
    return on_speech(samples, part_of_file);
  };
  auto decoded = decode_from(Start::sought, file, limits, noting, proceed);
  if (!decoded && decoded.error() == AudioError::unsupported && !has_begun) return decode_from(Start::beginning, file, limits, on_speech, proceed);
  return decoded;
}

Result<void, AudioError> can_decode(std::string_view file, const AudioLimits& limits) {
  Source source{.memory = {file}};
  return open_within(source, limits);
}

}  // namespace demarc::speech::worker
