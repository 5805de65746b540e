package ai.cacheblend.worker.chunks.tier;

import static org.assertj.core.api.Assertions.assertThat;

import ai.cacheblend.worker.chunks.ChunkKey;
import ai.cacheblend.worker.kv.KvEncoding;
import ai.cacheblend.worker.kv.KvShape;
import ai.cacheblend.worker.kv.KvStorage.Element;
import ai.cacheblend.worker.testing.DirectKv;
import com.google.common.base.Ticker;
import com.google.common.collect.MoreCollectors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(120)
class DiskTierTest extends ChunkTierContract {
  private static final String MODEL = "fingerprint";

  /** Header and data of {@link #FORM}, in pages. */
  private static final long FILE_BYTES = 4096 + FORM.byteCount();

  private static final long BUDGET = 3 * FILE_BYTES;

  @TempDir private Path directory;

  @Override
  ChunkTier open() throws IOException {
    return DiskTier.open(directory, BUDGET, MODEL, KvEncoding.NATIVE, Ticker.systemTicker());
  }

  @Override
  void cutBehindFirstLayer(ChunkKey key) throws IOException {
    try (FileChannel file = FileChannel.open(file(key), StandardOpenOption.WRITE)) {
      file.truncate(4096 + FORM.layerByteCount());
    }
  }

  @Test
  void nextWorkerFindsTheChunks() throws IOException {
    DirectKv kv = DirectKv.random(FORM, 1);
    tier.write(KEY, kv).join();
    tier.close();

    tier = open();

    assertThat(tier.statistics().chunkCount()).isEqualTo(1);
    assertThat(tier.statistics().byteCount()).isEqualTo(FILE_BYTES);
    DirectKv read = new DirectKv(FORM);
    assertThat(tier.read(KEY, read, layer -> {}).join()).isTrue();
    assertThat(read.content()).isEqualTo(kv.content());
  }

  @Test
  void workersShareTheFolder() throws IOException {
    try (ChunkTier other = open()) {
      tier.write(KEY, DirectKv.random(FORM, 1)).join();
      assertThat(other.contains(KEY)).isTrue();
      assertThat(other.read(KEY, new DirectKv(FORM), layer -> {}).join()).isTrue();
      other.remove(KEY);
    }

    assertThat(tier.contains(KEY)).isFalse();
    assertThat(tier.read(KEY, new DirectKv(FORM), layer -> {}).join()).isFalse();
    assertThat(tier.statistics().chunkCount()).isZero();
    assertThat(tier.statistics().corruptCount()).isZero();
  }

  @Test
  void otherModelsHaveOtherFiles() throws IOException {
    tier.write(KEY, DirectKv.random(FORM, 1)).join();
    try (ChunkTier other =
        DiskTier.open(directory, BUDGET, "other", KvEncoding.NATIVE, Ticker.systemTicker())) {
      assertThat(other.contains(KEY)).isFalse();
      other.removeAll();
    }

    assertThat(tier.contains(KEY)).isTrue();
  }

  @Test
  void fileOfAnotherModelIsCorrupt() throws IOException {
    tier.write(KEY, DirectKv.random(FORM, 1)).join();
    Path foreign =
        directory.resolve("other").resolve(directory.resolve(MODEL).relativize(file(KEY)));
    Files.createDirectories(foreign.getParent());
    Files.copy(file(KEY), foreign);
    try (ChunkTier other =
        DiskTier.open(directory, BUDGET, "other", KvEncoding.NATIVE, Ticker.systemTicker())) {
      assertThat(other.read(KEY, new DirectKv(FORM), layer -> {}).join()).isFalse();
      assertThat(other.statistics().corruptCount()).isEqualTo(1);
    }
    assertThat(foreign).doesNotExist();
  }

  @Test
  void evictsTheLeastRecentlyUsedFileAlsoAfterARestart() throws IOException {
    for (int i = 1; i <= 3; i++) {
      tier.write(key(i), DirectKv.random(FORM, i)).join();
      Files.setLastModifiedTime(file(key(i)), FileTime.from(Instant.ofEpochSecond(i)));
    }
    tier.read(key(1), new DirectKv(FORM), layer -> {}).join();
    tier.close();
    tier = open();

    tier.write(key(4), DirectKv.random(FORM, 4)).join();

    assertThat(List.of(1, 2, 3, 4)).filteredOn(i -> tier.contains(key(i))).containsExactly(1, 3, 4);
    assertThat(tier.statistics().evictedCount()).isEqualTo(1);
    assertThat(tier.statistics().byteCount()).isEqualTo(BUDGET);
  }

  @Test
  void chunkLargerThanTheBudgetIsNotWritten() throws IOException {
    try (ChunkTier small =
        DiskTier.open(directory, FILE_BYTES - 1, MODEL, KvEncoding.NATIVE, Ticker.systemTicker())) {
      assertThat(small.write(KEY, DirectKv.random(FORM, 1)).join()).isFalse();
    }
    assertThat(tier.contains(KEY)).isFalse();
  }

  @Test
  void staleTemporaryFilesAreRemoved() throws IOException {
    Path folder = directory.resolve(MODEL);
    Path stale = Files.createFile(folder.resolve("a.tmp"));
    Files.setLastModifiedTime(stale, FileTime.from(Instant.now().minus(Duration.ofHours(2))));
    Path fresh = Files.createFile(folder.resolve("b.tmp"));

    open().close();

    assertThat(stale).doesNotExist();
    assertThat(fresh).exists();
  }

  @Test
  void writesLeaveNoTemporaryFiles() throws IOException {
    tier.write(KEY, DirectKv.random(FORM, 1)).join();

    try (Stream<Path> files = Files.walk(directory)) {
      assertThat(files.filter(Files::isRegularFile)).containsExactly(file(KEY));
    }
  }

  @ParameterizedTest
  @EnumSource
  void everyFlippedBitIsDetected(KvEncoding encoding) throws IOException {
    KvForm form = new KvForm(FORM.shape(), FORM.element(), FORM.tokenCount(), encoding);
    try (ChunkTier encoded =
        DiskTier.open(directory, BUDGET, MODEL, encoding, Ticker.systemTicker())) {
      encoded.write(KEY, DirectKv.random(form, 1)).join();
      Path file = onlyFile();
      byte[] written = Files.readAllBytes(file);
      Random random = new Random(1);
      for (int i = 0; i < 1000; i++) {
        byte[] flipped = written.clone();
        flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, flipped);
        assertThat(encoded.read(KEY, new DirectKv(form), layer -> {}).join()).isFalse();
        assertThat(file).doesNotExist();
      }
      assertThat(encoded.statistics().corruptCount()).isEqualTo(1000);
    }
  }

  @Test
  void largeLayersAreReadInBlocksThatNeitherEndWithLayersNorWithPages() throws IOException {
    KvForm form = new KvForm(new KvShape(5, 8, 64), Element.BF16, 343, KvEncoding.NATIVE);
    try (ChunkTier large =
        DiskTier.open(
            directory, 2 * form.byteCount(), MODEL, KvEncoding.NATIVE, Ticker.systemTicker())) {
      DirectKv kv = DirectKv.random(form, 1);
      large.write(KEY, kv).join();
      DirectKv read = new DirectKv(form);
      List<Integer> layers = new CopyOnWriteArrayList<>();

      assertThat(large.read(KEY, read, layers::add).join()).isTrue();
      assertThat(layers).containsExactly(0, 1, 2, 3, 4);
      assertThat(read.content()).isEqualTo(kv.content());

      layers.clear();
      flipByte(onlyFile(), 2L * form.layerByteCount()); // the first of layer 3
      assertThat(large.read(KEY, read, layers::add).join()).isFalse();
      assertThat(layers).containsExactly(0, 1, 2);
      assertThat(large.statistics().corruptCount()).isEqualTo(1);
    }
  }

  private static void flipByte(Path path, long fromEnd) throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      long offset = file.length() - fromEnd;
      file.seek(offset);
      int value = file.read();
      file.seek(offset);
      file.write(value ^ 1);
    }
  }

  private Path onlyFile() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).collect(MoreCollectors.onlyElement());
    }
  }

  @Test
  void otherEncodingsHaveOtherFiles() throws IOException {
    KvForm form = new KvForm(FORM.shape(), FORM.element(), FORM.tokenCount(), KvEncoding.FP8);
    tier.write(KEY, DirectKv.random(FORM, 1)).join();
    try (ChunkTier other =
        DiskTier.open(directory, BUDGET, MODEL, KvEncoding.FP8, Ticker.systemTicker())) {
      assertThat(other.contains(KEY)).isFalse();
      assertThat(other.write(KEY, DirectKv.random(form, 2)).join()).isTrue();
      assertThat(other.read(KEY, new DirectKv(form), layer -> {}).join()).isTrue();
      other.removeAll();
    }

    assertThat(tier.read(KEY, new DirectKv(FORM), layer -> {}).join()).isTrue();
  }

  @Test
  void layersBeforeADamagedOneArriveUnharmed() throws IOException {
    DirectKv kv = DirectKv.random(FORM, 1);
    tier.write(KEY, kv).join();
    try (FileChannel file = FileChannel.open(file(KEY), StandardOpenOption.WRITE)) {
      file.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4}), 4096 + FORM.layerByteCount());
    }
    DirectKv read = new DirectKv(FORM);
    List<Integer> layers = new CopyOnWriteArrayList<>();

    assertThat(tier.read(KEY, read, layers::add).join()).isFalse();

    assertThat(layers).containsExactly(0);
    assertThat(read.layer(0)).isEqualTo(kv.layer(0));
  }

  private Path file(ChunkKey key) {
    return directory
        .resolve(MODEL)
        .resolve(key.hex().substring(0, 2))
        .resolve(key.hex() + ".safetensors");
  }

  private static ChunkKey key(int number) {
    return new ChunkKey(Integer.toString(number).repeat(64));
  }
}
