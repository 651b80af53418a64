#include "tensor/worker/picture.hpp"

extern "C" {
#include <libavcodec/avcodec.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
}

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "tensor/worker/orientation.hpp"

namespace demarc::tensor::worker {
namespace {

constexpr int kMaxSide = 30'000;
constexpr int kMostHalvings = 3;

template <class T, void (*Free)(T**)>
struct FreeByPointer {
  void operator()(T* value) const { Free(&value); }
};
using Context = std::unique_ptr<AVCodecContext, FreeByPointer<AVCodecContext, avcodec_free_context>>;
using Frame = std::unique_ptr<AVFrame, FreeByPointer<AVFrame, av_frame_free>>;
using Packet = std::unique_ptr<AVPacket, FreeByPointer<AVPacket, av_packet_free>>;
struct FreeScaler {
  void operator()(SwsContext* scaler) const { sws_freeContext(scaler); }
};

Failure<std::string> bad(std::string why) { return fail(std::move(why)); }

std::uint32_t big(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < size && at + i < bytes.size(); ++i) value = value << 8U | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

Result<AVCodecID, std::string> kind_of(std::string_view bytes) {
  if (bytes.starts_with("\xff\xd8\xff")) return AV_CODEC_ID_MJPEG;
  if (bytes.starts_with("\x89PNG\r\n\x1a\n")) return AV_CODEC_ID_PNG;
  if (bytes.starts_with("GIF87a") || bytes.starts_with("GIF89a")) return AV_CODEC_ID_GIF;
  if (bytes.starts_with("BM")) return AV_CODEC_ID_BMP;
  if (bytes.starts_with(std::string_view("II*\0", 4)) || bytes.starts_with(std::string_view("MM\0*", 4))) return AV_CODEC_ID_TIFF;
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WEBP") && bytes.size() >= 12) {
    constexpr unsigned kAnimated = 0x02;
    if (bytes.size() > 20 && bytes.substr(12, 4) == "VP8X" && (static_cast<unsigned char>(bytes[20]) & kAnimated) != 0)
      return bad("it is an animated WebP, which is not read here; send one of its frames");
    return AV_CODEC_ID_WEBP;
  }
  return bad("it is no picture of a kind that is read here: JPEG, PNG, GIF, WebP, BMP or TIFF");
}

struct Sides {
  std::uint32_t width = 0, height = 0;
};
// As a JPEG's frame header says; zeros where there is none before its picture.
Sides sides_of_jpeg(std::string_view jpeg) {
  for (std::size_t at = 2; at + 9 < jpeg.size() && jpeg[at] == '\xff';) {
    const auto marker = static_cast<unsigned char>(jpeg[at + 1]);
    const bool is_frame = marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc;
    if (is_frame) return {.width = big(jpeg, at + 7, 2), .height = big(jpeg, at + 5, 2)};
    if (marker == 0xda) return {};
    at += marker == 0xff ? 1 : 2 + big(jpeg, at + 2, 2);
  }
  return {};
}

// As its head says, where that is easily read.
Sides sides_of(AVCodecID kind, std::string_view bytes) {
  if (kind == AV_CODEC_ID_MJPEG) return sides_of_jpeg(bytes);
  if (kind == AV_CODEC_ID_PNG) return {.width = big(bytes, 16, 4), .height = big(bytes, 20, 4)};
  return {};
}

int halvings_of(std::string_view jpeg, const PictureSize& size) {
  const Sides sides = sides_of_jpeg(jpeg);
  const std::size_t wanted = 2 * std::max(size.width, size.height);
  int halvings = 0;
  while (halvings < kMostHalvings && std::min(sides.width, sides.height) >> (halvings + 1) >= wanted) ++halvings;
  return halvings;
}

// A decoder that fills up what is missing does not say so.
bool is_cut_off(AVCodecID kind, std::string_view bytes) {
  constexpr std::size_t kLookedAt = 1 << 16;  // some cameras write something behind the end
  const std::string_view end = bytes.substr(bytes.size() - std::min(bytes.size(), kLookedAt));
  if (kind == AV_CODEC_ID_MJPEG) return end.find("\xff\xd9") == std::string_view::npos;
  if (kind == AV_CODEC_ID_PNG) return end.find("IEND") == std::string_view::npos;
  if (kind == AV_CODEC_ID_GIF) return end.find(';') == std::string_view::npos;
  return false;
}

std::string million(std::uint64_t pixels) { return std::to_string(pixels / 1'000'000) + " million"; }

Result<Frame, std::string> decode(std::string_view bytes, AVCodecID kind, const PictureSize& size) {
  av_log_set_level(AV_LOG_QUIET);  // it quotes what it reads
  if (is_cut_off(kind, bytes)) return bad("it is cut off: its end is missing");
  const AVCodec* const codec = avcodec_find_decoder(kind);
  if (codec == nullptr) return bad("this build cannot decode such pictures");
  const Context context(avcodec_alloc_context3(codec));
  context->thread_count = 1;
  context->max_pixels = static_cast<std::int64_t>(size.most_pixels);
  context->err_recognition = AV_EF_CRCCHECK | AV_EF_BITSTREAM | AV_EF_BUFFER;
  if (kind != AV_CODEC_ID_TIFF)
    context->err_recognition |= AV_EF_EXPLODE;  // of a TIFF it refuses every tag that it does not use, such as the orientation
  if (const Sides sides = sides_of(kind, bytes); std::uint64_t{sides.width} * sides.height > size.most_pixels)
    return bad("it has more than " + million(size.most_pixels) + " pixels");
  if (kind == AV_CODEC_ID_MJPEG) context->lowres = halvings_of(bytes, size);
  if (avcodec_open2(context.get(), codec, nullptr) < 0) return bad("it cannot be decoded");
  const Packet packet(av_packet_alloc());
  if (av_new_packet(packet.get(), static_cast<int>(bytes.size())) < 0) return bad("there is no memory for it");
  std::ranges::copy(bytes, packet->data);
  Frame frame(av_frame_alloc());
  const int sent = avcodec_send_packet(context.get(), packet.get());
  int got = sent < 0 ? sent : avcodec_receive_frame(context.get(), frame.get());
  if (got == AVERROR(EAGAIN) && avcodec_send_packet(context.get(), nullptr) >= 0) got = avcodec_receive_frame(context.get(), frame.get());
  if (got == AVERROR_PATCHWELCOME) return bad("it uses a form of its kind that is not read here");
  if (got < 0) return bad("it is damaged, or has more than " + million(size.most_pixels) + " pixels: it cannot be decoded");
  if (frame->width < 1 || frame->height < 1 || frame->width > kMaxSide || frame->height > kMaxSide)
    return bad("a side of it has more than 30,000 pixels");
  return frame;
}

// The part of it that is wanted, and the size to bring that to; as it is stored.
struct Cut {
  int x = 0, y = 0, width = 0, height = 0;
};
Cut cut_of(const AVFrame& frame, std::size_t width, std::size_t height, Fit fit) {
  if (fit == Fit::stretch) return {.width = frame.width, .height = frame.height};
  const double scale =
      std::min(static_cast<double>(frame.width) / static_cast<double>(width), static_cast<double>(frame.height) / static_cast<double>(height));
  Cut cut{.width = std::clamp(static_cast<int>(std::lround(scale * static_cast<double>(width))), 1, frame.width),
          .height = std::clamp(static_cast<int>(std::lround(scale * static_cast<double>(height))), 1, frame.height)};
  cut.x = (frame.width - cut.width) / 2, cut.y = (frame.height - cut.height) / 2;
  return cut;
}

// Everything to the wanted size; of Fit::cover more than that on one axis, of which the middle is taken.
Result<Picture, std::string> scale(const AVFrame& frame, std::size_t width, std::size_t height, Fit fit) {
  const Cut cut = cut_of(frame, width, height, fit);
  const double across = static_cast<double>(width) / cut.width, down = static_cast<double>(height) / cut.height;
  const int whole_width = std::max<int>(static_cast<int>(width), static_cast<int>(std::lround(frame.width * across)));
  const int whole_height = std::max<int>(static_cast<int>(height), static_cast<int>(std::lround(frame.height * down)));
  constexpr int kMostScaled = 100'000;
  if (whole_width > kMostScaled || whole_height > kMostScaled ||
      static_cast<std::uint64_t>(whole_width) * static_cast<std::uint64_t>(whole_height) > kMaxPixels)
    return bad("it is too long and thin to be brought to the size that the network reads");
  const auto format = static_cast<AVPixelFormat>(frame.format);
  const std::unique_ptr<SwsContext, FreeScaler> scaler(sws_getContext(frame.width, frame.height, format, whole_width, whole_height, AV_PIX_FMT_RGBA,
                                                                      SWS_AREA | SWS_ACCURATE_RND | SWS_FULL_CHR_H_INT, nullptr, nullptr, nullptr));
  if (scaler == nullptr) return bad("its form of colours is not read here");
  const std::size_t stride = static_cast<std::size_t>(whole_width) * 4;
  std::vector<std::uint8_t> rgba(stride * static_cast<std::size_t>(whole_height) + 64);  // the scaler may write a little past a row's end
  std::array<std::uint8_t*, 4> planes = {rgba.data(), nullptr, nullptr, nullptr};
  const std::array<int, 4> strides = {static_cast<int>(stride), 0, 0, 0};
  if (sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, planes.data(), strides.data()) != whole_height)
    return bad("it cannot be brought to the size that the network reads");
  Picture out{.width = width, .height = height, .rgb = std::vector<std::uint8_t>(width * height * 3)};
  const std::size_t left = (static_cast<std::size_t>(whole_width) - width) / 2, top = (static_cast<std::size_t>(whole_height) - height) / 2;
  for (std::size_t y = 0; y < height; ++y)
    for (std::size_t x = 0; x < width; ++x) {
      const std::uint8_t* const from = &rgba[(y + top) * stride + (x + left) * 4];
      const unsigned alpha = from[3];
      for (std::size_t c = 0; c < 3; ++c)
        out.rgb[(y * width + x) * 3 + c] = static_cast<std::uint8_t>((from[c] * alpha + 255U * (255U - alpha) + 127U) / 255U);
    }
  return out;
}

// EXIF's eight ways, from how it is stored to how it stands.
Picture turned(const Picture& in, int orientation) {
  const bool swaps = orientation >= 5;
  Picture out{.width = swaps ? in.height : in.width, .height = swaps ? in.width : in.height, .rgb = std::vector<std::uint8_t>(in.rgb.size())};
  for (std::size_t y = 0; y < out.height; ++y)
    for (std::size_t x = 0; x < out.width; ++x) {
      std::size_t from_x = swaps ? y : x, from_y = swaps ? x : y;
      if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) from_x = in.width - 1 - from_x;
      if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) from_y = in.height - 1 - from_y;
      std::copy_n(&in.rgb[(from_y * in.width + from_x) * 3], 3, &out.rgb[(y * out.width + x) * 3]);
    }
  return out;
}

}  // namespace

Result<Picture, std::string> read_picture(std::string_view bytes, const PictureSize& size) {
  if (bytes.empty()) return bad("it is empty");
  if (bytes.size() > kMaxPictureBytes) return bad("it has more than 24 MiB");
  const Frame frame = TRY(decode(bytes, TRY(kind_of(bytes)), size));
  const int orientation = orientation_of(bytes);
  if (orientation < 5) {
    const Picture picture = TRY(scale(*frame, size.width, size.height, size.fit));
    return orientation == 1 ? picture : turned(picture, orientation);
  }
  return turned(TRY(scale(*frame, size.height, size.width, size.fit)), orientation);
}

}  // namespace demarc::tensor::worker
