package ai.cacheblend.integration;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.mock.MockDevice;
import ai.cacheblend.mock.MockScript;
import ai.cacheblend.mock.MockWorker;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The device statistics that a worker reports after every block. */
final class MockDeviceIT {
  private static final int ARM_COUNT = 3;

  @TempDir Path folder;

  @Test
  void blockOnAThrottledDeviceIsFlagged() throws IOException {
    // The second measured trial. The warm-up trial comes first.
    JsonNode result = ttft(MockDevice.gpu(prompts -> prompts == 3 * ARM_COUNT));

    for (JsonNode row : rows("trials.jsonl")) {
      boolean throttled =
          row.get("phase").asText().equals("measured") && row.get("trial").intValue() == 1;
      assertThat(row.at("/device_statistics/temperature_celsius").intValue())
          .isEqualTo(throttled ? 91 : 54);
      assertThat(row.at("/device_statistics/sm_clock_mhz").intValue())
          .isEqualTo(throttled ? 900 : 1980);
      assertThat(row.at("/device_statistics/used_memory_byte_count").longValue())
          .isEqualTo(3L << 30);
      assertThat(row.get("throttled_by")).hasSize(throttled ? 1 : 0);
    }
    for (JsonNode arm : result.at("/rows/0/arms")) {
      List<JsonNode> throttled = new ArrayList<>();
      arm.get("outliers").forEach(throttled::add);
      throttled.removeIf(outlier -> !outlier.get("reason").asText().startsWith("throttled"));
      assertThat(throttled).hasSize(1);
      assertThat(throttled.get(0).get("reason").asText())
          .isEqualTo("throttled by sw_thermal_slowdown");
      assertThat(throttled.get(0).get("trial").intValue()).isEqualTo(1);
    }
    assertThat(result.at("/environment/workers/0/device").asText()).isEqualTo("cuda");
  }

  @Test
  void cpuHasNoDeviceStatistics() throws IOException {
    ttft(MockDevice.cpu());

    assertThat(rows("trials.jsonl"))
        .allSatisfy(row -> assertThat(row.get("device_statistics").isNull()).isTrue());
  }

  @Test
  void samplesHaveDeviceStatistics() throws IOException {
    List<JsonNode> rows = quality();

    assertThat(rows).hasSize(3);
    assertThat(rows.get(0).get("throttled_by")).isEmpty();
    assertThat(rows.get(1).at("/throttled_by/0").asText()).isEqualTo("sw_thermal_slowdown");
    assertThat(rows.get(1).at("/device_statistics/power_milliwatts").intValue()).isEqualTo(350_000);
  }

  private List<JsonNode> quality() throws IOException {
    try (MockWorker worker = worker(MockDevice.gpu(prompts -> prompts == 2 * ARM_COUNT))) {
      Cli cli = run(worker, "quality", "--dataset", "pocketwiki", "--samples", "3");
      assertThat(cli.exitCode()).as(cli.err()).isZero();
    }
    return rows("samples.jsonl");
  }

  private JsonNode ttft(MockDevice device) throws IOException {
    try (MockWorker worker = worker(device)) {
      Cli cli = run(worker, "ttft", "--lengths", "64", "--trials", "3", "--warmup", "1");
      assertThat(cli.exitCode()).as(cli.err()).isZero();
      // At the start and after each trial. Heartbeats of slow calls are Describe calls, too.
      assertThat(worker.journal().promptsBeforeDescribes())
          .containsSubsequence(0, ARM_COUNT, 2 * ARM_COUNT, 3 * ARM_COUNT, 4 * ARM_COUNT);
    }
    return JsonFiles.read(folder.resolve("result.json"));
  }

  private List<JsonNode> rows(String file) throws IOException {
    return JsonFiles.lines(folder.resolve(file));
  }

  private Cli run(MockWorker worker, String... options) {
    List<String> arguments = new ArrayList<>(List.of(options));
    arguments.addAll(List.of("--worker", worker.address(), "--out", folder.toString()));
    return Cli.run(arguments.toArray(String[]::new));
  }

  private static MockWorker worker(MockDevice device) throws IOException {
    return MockWorker.start(MockScript.sound().withDevice(device));
  }
}
