package ai.cacheblend.worker.export.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.data.Offset.offset;

import ai.cacheblend.worker.export.CheckpointFixture;
import ai.cacheblend.worker.export.ExportException;
import ai.cacheblend.worker.export.ExportProgress;
import ai.cacheblend.worker.export.ExportRequest;
import ai.cacheblend.worker.export.Exporter;
import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import ai.cacheblend.worker.model.WeightBlock;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.io.Resources;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters and merged weights of PEFT, see make_lora_golden.py. */
final class LoraExportTest {

  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String CONFIG = "adapter_config.json";
  private static final String WEIGHTS = "adapter_model.safetensors";

  @TempDir Path folder;

  private static Path resource(String name) {
    return Path.of(Resources.getResource("lora/" + name).getPath());
  }

  private Path checkpoint(Path weights) throws IOException {
    Path checkpoint = Files.createTempDirectory(folder, "checkpoint");
    Files.copy(resource("base").resolve("config.json"), checkpoint.resolve("config.json"));
    Files.copy(weights, checkpoint.resolve("model.safetensors"));
    Files.writeString(checkpoint.resolve("tokenizer.json"), CheckpointFixture.TOKENIZER);
    return checkpoint;
  }

  private ModelManifest export(Path checkpoint, Optional<Path> adapter, Path out)
      throws IOException {
    return new Exporter(ExportProgress.NONE)
        .export(
            new ExportRequest(
                checkpoint,
                "tiny",
                out,
                Dtype.FP32,
                List.of(1),
                OptionalLong.empty(),
                adapter,
                Set.of()));
  }

  private Path base() throws IOException {
    return checkpoint(resource("base").resolve("model.safetensors"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"plain", "stabilised"})
  void mergesAsPeft(String name) throws IOException {
    Path out = folder.resolve("with");
    ModelManifest with = export(base(), Optional.of(resource(name)), out);
    Path merged = folder.resolve("merged");
    ModelManifest expected =
        export(checkpoint(resource(name).resolve("merged.safetensors")), Optional.empty(), merged);
    for (WeightBlock block : expected.weights()) {
      float[] numbers = numbers(out, block);
      float[] numbersOfPeft = numbers(merged, block);
      for (int i = 0; i < numbers.length; i++) {
        // PEFT sums the products in fp32.
        assertThat(numbers[i]).as(block.name()).isEqualTo(numbersOfPeft[i], offset(1e-6f));
      }
    }
    ModelManifest without = export(base(), Optional.empty(), folder.resolve("without"));
    assertThat(with.fingerprint()).isNotEqualTo(without.fingerprint());
  }

  @Test
  void mergesIntoAQuantisedCheckpoint() throws IOException {
    Path source = Path.of(Resources.getResource("quantized/gptq-sym").getPath());
    ObjectNode config = (ObjectNode) MAPPER.readTree(source.resolve("config.json").toFile());
    Path quantised = checkpoint(source.resolve("model.safetensors"));
    Files.writeString(quantised.resolve("config.json"), config.toString());
    config.remove("quantization_config");
    Path twin = checkpoint(source.resolve("twin.safetensors"));
    Files.writeString(twin.resolve("config.json"), config.toString());
    Optional<Path> adapter = Optional.of(resource("plain"));
    assertThat(export(quantised, adapter, folder.resolve("quantised")).fingerprint())
        .isEqualTo(export(twin, adapter, folder.resolve("twin")).fingerprint())
        .isNotEqualTo(export(twin, Optional.empty(), folder.resolve("plain")).fingerprint());
  }

  private static float[] numbers(Path model, WeightBlock block) throws IOException {
    byte[] file = Files.readAllBytes(model.resolve(ModelManifest.WEIGHTS_FILE));
    float[] numbers = new float[(int) block.byteCount() / 4];
    ByteBuffer.wrap(file, (int) block.offset(), (int) block.byteCount())
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(numbers);
    return numbers;
  }

  private Path adapter(String config, String from, String to) throws IOException {
    Path adapter = Files.createTempDirectory(folder, "adapter");
    ObjectNode json = (ObjectNode) MAPPER.readTree(resource("plain").resolve(CONFIG).toFile());
    json.setAll((ObjectNode) MAPPER.readTree("{" + config + "}"));
    Files.writeString(adapter.resolve(CONFIG), json.toString());
    String bytes =
        new String(
            Files.readAllBytes(resource("plain").resolve(WEIGHTS)), StandardCharsets.ISO_8859_1);
    Files.write(
        adapter.resolve(WEIGHTS), bytes.replace(from, to).getBytes(StandardCharsets.ISO_8859_1));
    return adapter;
  }

  private void refused(Path adapter, String message) throws IOException {
    Path checkpoint = base();
    assertThatThrownBy(() -> export(checkpoint, Optional.of(adapter), folder.resolve("refused")))
        .isInstanceOf(ExportException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
    assertThat(folder.resolve("refused")).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"use_dora\":true | use_dora is true, expected false",
        "\"bias\":\"all\" | bias is \"all\", expected \"none\"",
        "\"modules_to_save\":[\"lm_head\"] | modules_to_save is [\"lm_head\"], expected []",
        "\"peft_type\":\"IA3\" | peft_type is \"IA3\", expected \"LORA\"",
        "\"peft_type\":null | peft_type is null, expected \"LORA\"",
        "\"layer_replication\":[[0,1]] | layer_replication is [[0,1]], expected null",
        "\"init_lora_weights\":\"pissa\" | init_lora_weights is \"pissa\", expected an adapter for",
        "\"r\":8 | r is 8, expected 4, the rows of lora_A of model.layers.0.self_attn.q_proj",
        "\"lora_alpha\":0 | lora_alpha is 0, expected a number > 0",
        "\"rank_pattern\":{\"(\":2} | rank_pattern is {\"(\":2}, expected regular expressions",
      })
  void refusesWhatIsNotAProductOfTwoMatrices(String change, String message) throws IOException {
    refused(adapter(change, "", ""), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "v_proj.lora_A | w_proj.lora_A | has no"
            + " base_model.model.model.layers.0.self_attn.v_proj.lora_A",
        "v_proj.lora_B | w_proj.lora_B | has no"
            + " base_model.model.model.layers.0.self_attn.v_proj.lora_B",
        "v_proj. | w_proj. | changes model.layers.0.self_attn.w_proj.weight, which the checkpoint",
        "q_proj. | k_proj. | which do not fit [8, 16] of model.layers.0.self_attn.k_proj.weight",
        "lora_A.weight | lora_A.magnit | is not supported, expected lora_A and lora_B of linear"
            + " layers",
      })
  void refusesTensorsThatDoNotFit(String from, String to, String message) throws IOException {
    refused(adapter("", from, to), message);
  }

  @Test
  void refusesOtherFormsOfTheFiles() throws IOException {
    refused(folder.resolve("absent"), "absent is not a directory, expected an adapter of PEFT");
    Path adapter = adapter("", "", "");
    Files.move(adapter.resolve(WEIGHTS), adapter.resolve("adapter_model.bin"));
    refused(adapter, "only adapter_model.bin; convert it: python3 -c");
    Files.delete(adapter.resolve(CONFIG));
    refused(adapter, "adapter_config.json is missing");
  }

  @Test
  void randomWeightsHaveNoAdapter() {
    assertThatThrownBy(
            () ->
                new ExportRequest(
                    folder,
                    "tiny",
                    folder,
                    Dtype.FP32,
                    List.of(1),
                    OptionalLong.of(1),
                    Optional.of(folder),
                    Set.of()))
        .hasMessageContaining("with random weights; choose one of them");
  }
}
