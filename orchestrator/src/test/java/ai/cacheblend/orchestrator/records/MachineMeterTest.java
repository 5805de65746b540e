package ai.cacheblend.orchestrator.records;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.orchestrator.testing.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MachineMeterTest {
  private static final long TEN_SECONDS = 10_000_000_000L;

  @TempDir Path root;

  private MachineMeter meter;

  @BeforeEach
  void meter() {
    meter = new MachineMeter(Optional.of(root), 2);
  }

  @Test
  void sharesAreDifferencesOverTheBlock() throws IOException {
    file("proc/pressure/cpu", pressure(1_000_000));
    file("proc/pressure/memory", pressure(0));
    file("proc/pressure/io", pressure(500_000));
    file("proc/stat", "cpu  100 0 100 700 0 0 0 100 50 0\ncpu0 1 2 3\n");
    MachineMeter.Reading begin = meter.read();
    file("proc/pressure/cpu", pressure(8_000_000));
    file("proc/pressure/memory", pressure(2_000_000));
    file("proc/pressure/io", pressure(500_000));
    file("proc/stat", "cpu  400 0 200 1200 0 0 0 200 90 0\ncpu0 1 2 3\n");
    file("proc/loadavg", "8.16 14.27 18.94 6/262 2854\n");
    file("proc/meminfo", "MemTotal: 9 kB\nMemAvailable:   2048 kB\n");
    file("proc/cpuinfo", "processor\t: 0\ncpu MHz\t\t: 2596.5\n");

    MachineLoad load = meter.since(begin, TEN_SECONDS);

    assertThat(load.processors()).isEqualTo(2);
    assertThat(load.load1()).hasValue(8.16);
    assertThat(load.cpuPressure()).hasValue(0.7);
    assertThat(load.memoryPressure()).hasValue(0.2);
    assertThat(load.ioPressure()).hasValue(0);
    assertThat(load.steal()).hasValue(0.1);
    assertThat(load.availableMemoryBytes()).hasValue(2048 * 1024);
    assertThat(load.cpuMhz()).hasValue(2596.5);
    assertThat(load.busyReason()).contains("tasks waited for a processor");
  }

  @Test
  void readsTheLimitOfTheControlGroup() throws IOException {
    file("sys/fs/cgroup/cpu.max", "150000 100000\n");
    file("sys/fs/cgroup/cpu.stat", "usage_usec 5\nthrottled_usec 0\n");
    MachineMeter.Reading begin = meter.read();
    file("sys/fs/cgroup/cpu.stat", "usage_usec 9\nthrottled_usec 1000000\n");

    MachineLoad load = meter.since(begin, TEN_SECONDS);

    assertThat(load.cpuLimit()).hasValue(1.5);
    assertThat(load.cpuThrottled()).hasValue(0.1);
    assertThat(load.busyReason()).contains("the CPU limit of the control group was reached");
  }

  @Test
  void readsAnUnlimitedControlGroupOfVersion1() throws IOException {
    file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");

    assertThat(meter.since(meter.read(), TEN_SECONDS).cpuLimit()).isEmpty();
  }

  @Test
  void missingFilesAreUnknownAndNotBusy() {
    MachineLoad load = meter.since(meter.read(), TEN_SECONDS);

    assertThat(load.cpuPressure()).isEmpty();
    assertThat(load.steal()).isEmpty();
    assertThat(load.busy()).isFalse();
  }

  @Test
  void withoutPressureTheLoadAverageDecides() throws IOException {
    file("proc/loadavg", "4.5 1 1 6/262 2854\n");

    assertThat(meter.since(meter.read(), TEN_SECONDS).busy()).isTrue();
  }

  @Test
  void runIsFlaggedIfMoreThanATenthOfItsBlocksAreBusy() {
    List<Trial> idle = Collections.nCopies(9, Samples.trials().get(1));

    assertThat(MachineLoad.warning(idle)).isEmpty();
    assertThat(MachineLoad.warning(with(idle, 1))).isEmpty();
    assertThat(MachineLoad.warning(with(idle, 2)))
        .contains(
            "the machine was busy in 2 of 11 blocks: tasks waited for a processor"
                + " (load average 1.5 on 2 processors)");
  }

  private static List<Trial> with(List<Trial> idle, int busyCount) {
    Trial model = idle.get(0);
    Trial busy =
        new Trial(
            model.phase(),
            model.length(),
            model.trial(),
            model.origin(),
            model.promptHash(),
            model.collect(),
            model.armRuns(),
            model.workerLost(),
            model.device(),
            Samples.machine(0.9));
    List<Trial> all = new ArrayList<>(idle);
    all.addAll(Collections.nCopies(busyCount, busy));
    return all;
  }

  private static String pressure(long micros) {
    return "some avg10=1.00 avg60=2.00 avg300=3.00 total="
        + micros
        + "\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";
  }

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }
}
