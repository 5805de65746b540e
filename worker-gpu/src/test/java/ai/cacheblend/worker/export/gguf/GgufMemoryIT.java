package ai.cacheblend.worker.export.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.export.CheckpointFixture;
import ai.cacheblend.worker.export.SmallHeapExport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An export dequantises in memory that does not depend on the size of the model. */
final class GgufMemoryIT {

  private static final int Q4_K = 12;
  private static final int ROWS = 160_000;
  private static final int COLUMNS = 1024;
  private static final int Q4_K_BYTES_PER_ROW = COLUMNS / 256 * 144;

  @TempDir Path folder;

  @Test
  void heapDoesNotGrowWithTheModel() throws IOException, InterruptedException {
    Path checkpoint = Files.createDirectory(folder.resolve("checkpoint"));
    Files.writeString(checkpoint.resolve("tokenizer.json"), CheckpointFixture.TOKENIZER);
    writeModel(checkpoint.resolve("wide.gguf"));
    assertThat(SmallHeapExport.run(checkpoint, folder).weight("embed.weight").byteCount())
        .isEqualTo(2L * ROWS * COLUMNS);
  }

  /** Two layers of zeros with a wide, sparse embedding, 92 MB in Q4_K. */
  private static void writeModel(Path file) throws IOException {
    GgufBytes bytes =
        GgufBytes.header(3, 20, 8)
            .string("general.architecture")
            .int32(8)
            .string("llama")
            .key("llama.context_length", 64)
            .key("llama.embedding_length", COLUMNS)
            .key("llama.block_count", 2)
            .key("llama.feed_forward_length", 256)
            .key("llama.attention.head_count", 16)
            .string("llama.attention.layer_norm_rms_epsilon")
            .int32(6)
            .int32(Float.floatToRawIntBits(1e-5f))
            .key("tokenizer.ggml.eos_token_id", 2);
    long end = matrix(bytes, "token_embd", 0, ROWS, COLUMNS);
    end = norm(bytes, "output_norm", end);
    for (String layer : List.of("blk.0.", "blk.1.")) {
      end = norm(bytes, layer + "attn_norm", end);
      end = norm(bytes, layer + "ffn_norm", end);
      for (String name : List.of("attn_q", "attn_k", "attn_v", "attn_output")) {
        end = matrix(bytes, layer + name, end, COLUMNS, COLUMNS);
      }
      end = matrix(bytes, layer + "ffn_gate", end, 256, COLUMNS);
      end = matrix(bytes, layer + "ffn_up", end, 256, COLUMNS);
      end = matrix(bytes, layer + "ffn_down", end, COLUMNS, 256);
    }
    SmallHeapExport.appendZeros(bytes.data(0).write(file), end);
  }

  /** Both sizes are multiples of 256, so that all offsets are aligned. */
  private static long matrix(GgufBytes bytes, String name, long offset, long rows, long columns) {
    bytes.tensor(name + ".weight", Q4_K, offset, columns, rows);
    return offset + rows * columns / COLUMNS * Q4_K_BYTES_PER_ROW;
  }

  private static long norm(GgufBytes bytes, String name, long offset) {
    bytes.tensor(name + ".weight", 0, offset, COLUMNS);
    return offset + 4 * COLUMNS;
  }
}
