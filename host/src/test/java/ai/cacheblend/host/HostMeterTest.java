package ai.cacheblend.host;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.base.Ticker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostMeterTest {
  private static final Ticker CLOCK =
      new Ticker() {
        @Override
        public long read() {
          return 7;
        }
      };

  @TempDir Path root;

  private HostMeter meter;

  @BeforeEach
  void meter() {
    meter = new HostMeter(Optional.of(root), 2, CLOCK);
  }

  @Test
  void readsTheFilesOfTheKernel() throws IOException {
    file("proc/sys/kernel/random/boot_id", "6a5b-01\n");
    file("proc/pressure/cpu", pressure(8_000_000));
    file("proc/pressure/memory", pressure(2_000_000));
    file("proc/pressure/io", pressure(500_000));
    file("proc/stat", "cpu  400 0 200 1200 0 0 0 200 90 0\ncpu0 1 2 3\n");
    file("proc/loadavg", "8.16 14.27 18.94 6/262 2854\n");
    file("proc/meminfo", "MemTotal: 9 kB\nMemAvailable:   2048 kB\n");
    file("proc/cpuinfo", "processor\t: 0\nmodel name\t: Some CPU \ncpu MHz\t\t: 2596.5\n");

    HostReading reading = meter.read();

    assertThat(reading.bootId()).isEqualTo("6a5b-01");
    assertThat(reading.monotonicNanos()).isEqualTo(7);
    assertThat(reading.processors()).isEqualTo(2);
    assertThat(reading.load1()).hasValue(8.16);
    assertThat(reading.cpuWaitMicros()).hasValue(8_000_000);
    assertThat(reading.memoryWaitMicros()).hasValue(2_000_000);
    assertThat(reading.ioWaitMicros()).hasValue(500_000);
    assertThat(reading.cpuTicks()).hasValue(2000);
    assertThat(reading.stealTicks()).hasValue(200);
    assertThat(reading.availableMemoryBytes()).hasValue(2048 * 1024);
    assertThat(reading.cpuMhz()).hasValue(2596.5);
    assertThat(reading.cpuLimit()).isEmpty();
    assertThat(meter.processorName()).isEqualTo("Some CPU");
  }

  @Test
  void prefersTheClockOfFrequencyScaling() throws IOException {
    file("proc/cpuinfo", "cpu MHz\t\t: 2596.5\n");
    file("sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq", "3100000\n");

    assertThat(meter.read().cpuMhz()).hasValue(3100);
  }

  @Test
  void controlGroupOfVersion2() throws IOException {
    file("sys/fs/cgroup/cpu.max", "150000 100000\n");
    file("sys/fs/cgroup/cpu.stat", "usage_usec 9\nthrottled_usec 1000000\n");

    assertThat(meter.read().cpuLimit()).hasValue(1.5);
    assertThat(meter.read().throttledMicros()).hasValue(1_000_000);
  }

  @Test
  void controlGroupOfVersion1() throws IOException {
    file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "250000\n");
    file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    file("sys/fs/cgroup/cpu/cpu.stat", "nr_periods 1\nthrottled_time 5000000\n");

    assertThat(meter.read().cpuLimit()).hasValue(2.5);
    assertThat(meter.read().throttledMicros()).hasValue(5000);
  }

  @Test
  void unlimitedControlGroup() throws IOException {
    file("sys/fs/cgroup/cpu.max", "max 100000\n");
    assertThat(meter.read().cpuLimit()).isEmpty();

    file("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n");
    file("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    assertThat(meter.read().cpuLimit()).isEmpty();
  }

  @Test
  void systemWithoutTheseFilesIsUnknown() {
    HostReading reading = meter.read();

    assertThat(reading.bootId()).isEmpty();
    assertThat(reading.cpuWaitMicros()).isEmpty();
    assertThat(reading.cpuTicks()).isEmpty();
    assertThat(reading.stealTicks()).isEmpty();
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
