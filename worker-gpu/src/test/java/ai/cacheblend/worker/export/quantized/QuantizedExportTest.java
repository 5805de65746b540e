package ai.cacheblend.worker.export.quantized;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.cacheblend.worker.export.CheckpointFixture;
import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.ExportProgress;
import ai.cacheblend.worker.export.ExportRequest;
import ai.cacheblend.worker.export.Exporter;
import ai.cacheblend.worker.export.weights.SafetensorsFolder;
import ai.cacheblend.worker.export.weights.SafetensorsTensor;
import ai.cacheblend.worker.model.ModelManifest;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Quantised checkpoints and their twins of plain numbers, see make_quantized_golden.py. */
final class QuantizedExportTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path folder;

  private Path checkpoint(String name, String weights, ObjectNode config) throws IOException {
    Path checkpoint = folder.resolve("checkpoint-" + weights);
    Files.createDirectories(checkpoint);
    Files.copy(resource(name).resolve(weights), checkpoint.resolve("model.safetensors"));
    Files.writeString(checkpoint.resolve("config.json"), config.toString());
    Files.writeString(checkpoint.resolve("tokenizer.json"), CheckpointFixture.TOKENIZER);
    return checkpoint;
  }

  private static Path resource(String name) {
    return Path.of(Resources.getResource("quantized/" + name).getPath());
  }

  private static ObjectNode config(String name) throws IOException {
    return (ObjectNode) MAPPER.readTree(resource(name).resolve("config.json").toFile());
  }

  private ModelManifest export(Path checkpoint) throws IOException {
    return new Exporter(ExportProgress.NONE)
        .export(ExportRequest.of(checkpoint, folder.resolve("of-" + checkpoint.getFileName())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gptq-sym",
        "gptq-asym",
        "gptq-v2-8bit",
        "awq",
        "fp8-block",
        "fp8-tensor",
        "fbgemm-e5m2",
        "compressed-channel",
        "compressed-tensor",
        "compressed-block",
        "packed-group",
        "packed-asym",
        "packed-8bit"
      })
  void exportsTheNumbersOfTheTwin(String name) throws IOException {
    ModelManifest quantised = export(checkpoint(name, "model.safetensors", config(name)));
    ObjectNode plain = config(name);
    plain.remove("quantization_config");
    ModelManifest twin = export(checkpoint(name, "twin.safetensors", plain));
    assertThat(quantised.checksums()).isEqualTo(twin.checksums());
    assertThat(quantised.fingerprint()).isEqualTo(twin.fingerprint());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gptq-sym | \"bits\":3 | quantization_config.bits is 3, expected 4 or 8",
        "gptq-sym | \"checkpoint_format\":\"marlin\" | checkpoint_format is \"marlin\", expected",
        "gptq-sym | \"dynamic\":{\"+:a\":{\"bits\":8}} | quantization_config.dynamic is",
        "gptq-sym | \"group_size\":0 | group_size is 0, expected -1 or a whole number > 0",
        "awq | \"version\":\"gemv\" | quantization_config.version is \"gemv\", expected absent or"
            + " gemm",
        "awq | \"zero_point\":false | zero_point is false",
        "fp8-block | \"fmt\":\"e8m0\" | quantization_config.fmt is \"e8m0\"",
        "fp8-block | \"weight_block_size\":[128] | weight_block_size is [128], expected two",
        "compressed-tensor | \"format\":\"nvfp4-pack-quantized\" | format is"
            + " \"nvfp4-pack-quantized\"",
        "packed-group | \"config_groups\":{\"g\":{\"weights\":{\"type\":\"int\",\"num_bits\":3}}} |"
            + " num_bits 4",
        "compressed-tensor | \"config_groups\":{\"g\":{\"weights\":{\"type\":\"int\"}}} |"
            + " \"float\"",
        "awq | \"quant_method\":\"hqq\" | quant_method is \"hqq\", expected awq or"
            + " compressed-tensors or fbgemm_fp8 or fp8 or gptq",
      })
  void refusesOtherMethodsWithAllFields(String name, String change, String message)
      throws IOException {
    ObjectNode config = config(name);
    ((ObjectNode) config.get("quantization_config"))
        .setAll((ObjectNode) MAPPER.readTree("{" + change + "}"));
    Path checkpoint = checkpoint(name, "model.safetensors", config);
    assertThatThrownBy(() -> export(checkpoint))
        .isInstanceOf(ExportException.class)
        .hasMessageContaining(message)
        .hasMessageEndingWith("; all of it: " + config.get("quantization_config"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "gptq-sym | q_proj.scales | q_proj.scalez | is missing a tensor:"
            + " model.layers.0.self_attn.q_pr",
        "awq | \"group_size\":8 | \"group_size\":16 | expected F16, BF16 or F32 [2, 16]",
        "fp8-block | [12,10] | [16,16] | expected F16, BF16 or F32, and one scale",
        "fp8-tensor | q_proj.weight_scale | q_proj.weight_skale | missing a tensor",
        "gptq-sym | layers.0.post_attention_layernorm.weight\":{ |"
            + " layers.0.self_attn.q_proj.weight\":        { | self_attn.q_proj.weight is F16 [16],"
            + " expected none beside the layer's quantised weight",
      })
  void refusesMissingAndMisshapenParts(String name, String part, String other, String message)
      throws IOException {
    ObjectNode config = (ObjectNode) MAPPER.readTree(config(name).toString().replace(part, other));
    Path checkpoint = checkpoint(name, "model.safetensors", config);
    Path weights = checkpoint.resolve("model.safetensors");
    byte[] bytes = Files.readAllBytes(weights);
    String changed = new String(bytes, StandardCharsets.ISO_8859_1).replace(part, other);
    Files.write(weights, changed.getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> export(checkpoint))
        .isInstanceOf(ExportException.class)
        .hasMessageContaining(message);
  }

  @Test
  void refusesABiasThatTheModelDoesNotHave() throws IOException {
    Path checkpoint = checkpoint("gptq-sym", "model.safetensors", config("gptq-sym"));
    Path weights = checkpoint.resolve("model.safetensors");
    String name = "model.layers.1.self_attn.o_proj.bias";
    SafetensorsTensor bias = SafetensorsFolder.readFile(weights).get(name);
    byte[] bytes = Files.readAllBytes(weights);
    bytes[(int) bias.range().start() + 1] = 0x3c;
    Files.write(weights, bytes);
    assertThatThrownBy(() -> export(checkpoint))
        .isInstanceOf(ExportException.class)
        .hasMessageContaining("tensor " + name + " [16] is not part of the architecture");
  }

  @Test
  void plainNumbersNeedNoMethod() throws IOException {
    ObjectNode config = config("awq");
    config.putNull("quantization_config");
    assertThat(export(checkpoint("awq", "twin.safetensors", config)).fingerprint()).isNotEmpty();
  }
}
