package ai.cacheblend.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.model.Dtype;
import ai.cacheblend.worker.model.ModelManifest;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ExportCommandTest {

  private static final String CONFIG =
      """
      {"architectures":["LlamaForCausalLM"],"vocab_size":32,"hidden_size":8,"intermediate_size":16,
       "num_hidden_layers":3,"num_attention_heads":2,"max_position_embeddings":16}\
      """;

  @TempDir Path folder;

  private Path checkpoint;
  private Path out;
  private final StringWriter stdout = new StringWriter();
  private final StringWriter stderr = new StringWriter();

  @BeforeEach
  void writeConfig() throws IOException {
    checkpoint = Files.createDirectory(folder.resolve("checkpoint"));
    out = folder.resolve("model");
    Files.writeString(checkpoint.resolve("config.json"), CONFIG);
  }

  private int execute(String... moreArguments) {
    List<String> arguments = new ArrayList<>(List.of("export"));
    arguments.addAll(List.of("--checkpoint", checkpoint.toString(), "--out", out.toString()));
    arguments.addAll(List.of(moreArguments));
    return WorkerMain.commandLine()
        .setOut(new PrintWriter(stdout, true))
        .setErr(new PrintWriter(stderr, true))
        .execute(arguments.toArray(String[]::new));
  }

  @Test
  void printsTheFolderOnStdoutAndProgressOnStderr() throws IOException {
    assertThat(
            execute("--random-weights", "--seed", "3", "--dtype", "bf16", "--check-layers", "1,2"))
        .isZero();
    assertThat(stdout.toString().strip()).isEqualTo(out.toString());
    assertThat(stderr.toString()).contains("weights 100 %", "exported checkpoint as bf16");
    ModelManifest manifest = ModelManifest.read(out);
    assertThat(manifest.dtypes().compute()).isEqualTo(Dtype.BF16);
    assertThat(manifest.checkLayers()).containsExactly(1, 2);
  }

  @Test
  void failsWithOneLine() {
    assertThat(execute()).isEqualTo(1);
    assertThat(stdout.toString()).isEmpty();
    assertThat(stderr.toString().lines())
        .containsExactly(
            "cacheblend export: "
                + checkpoint
                + " has no tokenizer.json; create it: python3 -c \"from transformers import"
                + " AutoTokenizer as t; t.from_pretrained('%1$s').save_pretrained('%1$s')\""
                    .formatted(checkpoint));
    assertThat(out).doesNotExist();
  }

  @Test
  void checkpointCannotControlTheTerminal() throws IOException {
    Files.writeString(
        checkpoint.resolve("config.json"),
        CONFIG.replace("LlamaForCausalLM", "Llama\\u001b[2J\\u009b"));

    assertThat(execute("--random-weights")).isEqualTo(1);

    assertThat(stderr.toString())
        .containsIgnoringCase("Llama\\u001b[2J\\u009b")
        .doesNotContain("\u001b", "\u009b")
        .hasLineCount(1);
  }

  @Test
  void invalidUsageIsOneLine() {
    assertThat(execute("--random-weights", "--check-layers", "0")).isEqualTo(2);
    assertThat(execute("--random-weights", "--check-layers", "one")).isEqualTo(2);
    assertThat(execute("--random-weights", "--dtype", "int8")).isEqualTo(2);
    assertThat(stderr.toString().lines())
        .hasSize(3)
        .anySatisfy(line -> assertThat(line).contains("check layers: 0, must be >= 1"))
        .anySatisfy(line -> assertThat(line).contains("--check-layers", "one"))
        .anySatisfy(line -> assertThat(line).contains("--dtype", "int8", "fp32, fp16, bf16"));
    assertThat(out).doesNotExist();
  }
}
