package ai.cacheblend.worker.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exports a tensor that is ten times as large as the heap. */
final class ExportMemoryIT {

  private static final int ROWS = 160_000;
  private static final int COLUMNS = 1024;
  private static final int LAYERS = 2;

  @TempDir Path folder;

  @Test
  void heapDoesNotGrowWithTheModel() throws IOException, InterruptedException {
    Path checkpoint = folder.resolve("checkpoint");
    writeCheckpoint(checkpoint);
    assertThat(SmallHeapExport.run(checkpoint, folder).weight("embed.weight").byteCount())
        .isEqualTo(2L * ROWS * COLUMNS);
  }

  /** The fixture's model with a wide, sparse embedding of zeros, 328 MB in bfloat16. */
  private static void writeCheckpoint(Path folder) throws IOException {
    CheckpointFixture fixture = CheckpointFixture.llama();
    fixture.config.put("tie_word_embeddings", true).put("vocab_size", ROWS);
    fixture.config.put("hidden_size", COLUMNS).put("num_hidden_layers", LAYERS);
    fixture.write(folder);
    StringBuilder header = new StringBuilder("{");
    long end = 0;
    for (Map.Entry<String, List<Integer>> tensor : shapes().entrySet()) {
      long byteCount = tensor.getValue().stream().reduce(2, (x, y) -> x * y);
      header.append(
          "%s\"%s\":{\"dtype\":\"BF16\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
              .formatted(
                  end == 0 ? "" : ",", tensor.getKey(), tensor.getValue(), end, end + byteCount));
      end += byteCount;
    }
    byte[] bytes = CheckpointFixture.safetensors(header.append('}').toString(), new byte[0]);
    Path file = folder.resolve("model.safetensors");
    Files.write(file, bytes);
    SmallHeapExport.appendZeros(file, end);
  }

  private static Map<String, List<Integer>> shapes() {
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    shapes.put("model.embed_tokens.weight", List.of(ROWS, COLUMNS));
    for (int layer = 0; layer < LAYERS; layer++) {
      String prefix = "model.layers." + layer + ".";
      shapes.put(prefix + "input_layernorm.weight", List.of(COLUMNS));
      shapes.put(prefix + "post_attention_layernorm.weight", List.of(COLUMNS));
      shapes.put(prefix + "self_attn.q_proj.weight", List.of(16, COLUMNS));
      shapes.put(prefix + "self_attn.k_proj.weight", List.of(8, COLUMNS));
      shapes.put(prefix + "self_attn.v_proj.weight", List.of(8, COLUMNS));
      shapes.put(prefix + "self_attn.o_proj.weight", List.of(COLUMNS, 16));
      shapes.put(prefix + "mlp.gate_proj.weight", List.of(CheckpointFixture.INNER, COLUMNS));
      shapes.put(prefix + "mlp.up_proj.weight", List.of(CheckpointFixture.INNER, COLUMNS));
      shapes.put(prefix + "mlp.down_proj.weight", List.of(COLUMNS, CheckpointFixture.INNER));
    }
    shapes.put("model.norm.weight", List.of(COLUMNS));
    return shapes;
  }
}
