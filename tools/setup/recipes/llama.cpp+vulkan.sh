# llama.cpp with the Vulkan backend beside the processor: for GPUs without the CUDA toolkit, and for Mesa's software driver.
# native: as llama.cpp.sh, which does the work
vulkan=$1/vendor/llama.cpp/ggml/src/ggml-vulkan/ggml-vulkan.cpp
# Debian 12's headers (1.3.239) lack VK_EXT_layer_settings, which is used for nothing but a setting of the validation layer.
if ! grep -q LayerSettingEXT /usr/include/vulkan/vulkan_structs.hpp; then
  sed -i -e '/std::vector<vk::LayerSettingEXT> settings = {/,/vk::LayerSettingsCreateInfoEXT layer_setting_info(settings);/d' \
    -e 's/, layers, extensions, &layer_setting_info)/, layers, extensions)/' "$vulkan"
fi
eval "$(sed 's/-DGGML_NATIVE=ON/& -DGGML_VULKAN=ON/' "$(dirname "${BASH_SOURCE[0]}")/llama.cpp.sh")"
