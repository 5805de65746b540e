package ai.cacheblend.worker.kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class NativeLibraryTest {
  @Test
  void libraryIsExtractedOnce() {
    assertThat(NativeLibrary.path()).isRegularFile().isSameAs(NativeLibrary.path());
    assertThat(NativeLibrary.instructionSet()).isIn("avx512", "avx2", "baseline");
  }

  @Test
  void otherPlatformsAreRefused() {
    NativeLibrary.checkPlatform("Linux", "amd64");
    assertThatThrownBy(() -> NativeLibrary.checkPlatform("Mac OS X", "aarch64"))
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("the native library needs Linux on x86-64, this is Mac OS X on aarch64");
    assertThatThrownBy(() -> NativeLibrary.checkPlatform("Linux", "aarch64"))
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
