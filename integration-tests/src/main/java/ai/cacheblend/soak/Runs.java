package ai.cacheblend.soak;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.io.MoreFiles;
import com.google.common.io.RecursiveDeleteOption;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Quality runs and exports, one after another. A run is killed or hits a full disk, and is resumed
 * until it is complete; then its records must hold every sample once. An export that hits a full
 * disk leaves nothing behind.
 */
final class Runs implements Runnable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SAMPLES = 12;
  private static final int MAX_ATTEMPTS = 12;
  private static final int RUN_LIMIT_SECONDS = 600;

  /** In KiB: a JVM starts, but neither records nor weights fit. */
  private static final int RUN_DISK_KIB = 40;

  private static final int EXPORT_DISK_KIB = 20_000;

  private final Path home;
  private final Path scratch;
  private final List<SoakWorker> workers;
  private final Ledger ledger;
  private final AtomicBoolean ended;
  private final Random random;
  private int runCount;
  private int exportCount;
  private int killCount;
  private int fullDiskCount;
  private int resumeCount;

  Runs(
      Path home,
      Path scratch,
      List<SoakWorker> workers,
      Ledger ledger,
      AtomicBoolean ended,
      long seed) {
    this.home = home;
    this.scratch = scratch;
    this.workers = workers;
    this.ledger = ledger;
    this.ended = ended;
    this.random = new Random(seed);
  }

  @Override
  public void run() {
    try {
      while (!ended.get()) {
        quality(scratch.resolve("run" + runCount));
        runCount++;
        if (runCount % 3 == 1) {
          export(scratch.resolve("model" + exportCount));
          exportCount++;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      ledger.violation("runs ended: " + e);
    }
  }

  private void quality(Path out) throws IOException, InterruptedException {
    int code = firstAttempt(out);
    for (int attempt = 1; code != 0 && attempt <= MAX_ATTEMPTS; attempt++) {
      Thread.sleep(2000);
      boolean begun = Files.exists(out.resolve("plan.json"));
      resumeCount++;
      code = start(List.of(), qualityCommand(out, begun ? "--resume" : "--overwrite"), out).await();
      // 1: no worker can be reached; 5: samples without a valid result.
      if (code != 0 && code != 1 && code != 5) {
        ledger.violation(out + ": exit status " + code + ": " + log(out));
        return;
      }
    }
    if (code != 0) {
      ledger.violation(out + ": not complete after " + MAX_ATTEMPTS + " attempts: " + log(out));
      return;
    }
    verify(out);
    MoreFiles.deleteRecursively(out, RecursiveDeleteOption.ALLOW_INSECURE);
  }

  private int firstAttempt(Path out) throws InterruptedException {
    switch (random.nextInt(4)) {
      case 0 -> {
        fullDiskCount++;
        int code = start(limited(RUN_DISK_KIB), qualityCommand(out), out).await();
        if (code == 0) {
          ledger.violation(out + ": complete although the disk was full");
        }
        return code == 0 ? 0 : 1;
      }
      case 1 -> {
        return start(List.of(), qualityCommand(out), out).await();
      }
      default -> {
        killCount++;
        Running run = start(List.of(), qualityCommand(out), out);
        run.process.waitFor(5 + random.nextInt(40), TimeUnit.SECONDS);
        run.process.destroyForcibly().waitFor();
        return run.process.exitValue();
      }
    }
  }

  /** Each sample has exactly one valid row; rows of lost attempts may come before it. */
  private void verify(Path out) throws IOException {
    Set<String> valid = new HashSet<>();
    for (String line : Files.readAllLines(out.resolve("samples.jsonl"))) {
      JsonNode row = JSON.readTree(line);
      if (row.get("valid").booleanValue() && !valid.add(row.get("id").textValue())) {
        ledger.violation(out + ": sample " + row.get("id") + " has two valid rows");
      }
    }
    if (valid.size() != SAMPLES) {
      ledger.violation(out + ": " + valid.size() + " of " + SAMPLES + " samples are valid");
    }
  }

  private void export(Path out) throws IOException, InterruptedException {
    int full = start(limited(EXPORT_DISK_KIB), exportCommand(out), out).await();
    if (full != 1 || Files.exists(out) || Files.exists(Path.of(out + ".partial"))) {
      ledger.violation(out + ": exit status " + full + " on a full disk, or files left behind");
    }
    int code = start(List.of(), exportCommand(out), out).await();
    if (code != 0) {
      ledger.violation(out + ": exit status " + code + ": " + log(out));
    } else {
      MoreFiles.deleteRecursively(out, RecursiveDeleteOption.ALLOW_INSECURE);
    }
  }

  private List<String> qualityCommand(Path out, String... more) {
    List<String> command = new ArrayList<>(List.of("quality", "--quiet", "--shared"));
    command.addAll(
        List.of("--worker", String.join(",", workers.stream().map(SoakWorker::address).toList())));
    command.addAll(List.of("--dataset", "pocketwiki", "--samples", String.valueOf(SAMPLES)));
    command.addAll(List.of("--out", out.toString()));
    command.addAll(List.of(more));
    return command;
  }

  private static List<String> exportCommand(Path out) {
    return List.of("export", "--checkpoint", "pocket", "--out", out.toString());
  }

  /** A limit on the size of each file stands in for a full disk: writes fail in the same way. */
  private static List<String> limited(int kib) {
    return List.of("bash", "-c", "ulimit -f " + kib + "; exec \"$@\"", "bash");
  }

  private Running start(List<String> prefix, List<String> arguments, Path out) {
    List<String> command = new ArrayList<>(prefix);
    command.add(home.resolve("cacheblend").toString());
    command.addAll(arguments);
    File log = new File(out + ".log");
    try {
      return new Running(
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
              .start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private record Running(Process process) {
    int await() throws InterruptedException {
      if (!process.waitFor(RUN_LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
      return process.exitValue();
    }
  }

  private static String log(Path out) throws IOException {
    List<String> lines = Files.readAllLines(Path.of(out + ".log"));
    return lines.isEmpty() ? "no output" : lines.get(lines.size() - 1);
  }

  String table() {
    return "quality runs %d (%d killed, %d on a full disk, %d resumed), exports %d%n"
        .formatted(runCount, killCount, fullDiskCount, resumeCount, exportCount);
  }
}
