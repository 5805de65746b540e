package ai.cacheblend.worker;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaModifier.NATIVE;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(
    packages = "ai.cacheblend.worker",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "ai.cacheblend.worker.";

  @ArchTest
  static final ArchRule packagesAreLayered =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .layer("cli")
          .definedBy(ROOT + "cli..")
          .layer("grpc")
          .definedBy(ROOT + "grpc..")
          .layer("engine")
          .definedBy(ROOT + "engine..")
          .layer("access")
          .definedBy(ROOT + "access..")
          .layer("blend")
          .definedBy(ROOT + "blend..")
          .layer("chunks")
          .definedBy(ROOT + "chunks..")
          .layer("device")
          .definedBy(ROOT + "device..")
          .layer("forecast")
          .definedBy(ROOT + "forecast..")
          .layer("kv")
          .definedBy(ROOT + "kv..")
          .layer("model")
          .definedBy(ROOT + "model..")
          .layer("export")
          .definedBy(ROOT + "export..")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("grpc")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("engine")
          .mayOnlyBeAccessedByLayers("cli", "grpc")
          .whereLayer("access")
          .mayOnlyBeAccessedByLayers("cli", "grpc")
          .whereLayer("blend")
          .mayOnlyBeAccessedByLayers("engine", "grpc", "forecast")
          .whereLayer("chunks")
          .mayOnlyBeAccessedByLayers("cli", "grpc", "engine", "blend", "forecast")
          .whereLayer("device")
          .mayOnlyBeAccessedByLayers("cli", "grpc")
          .whereLayer("forecast")
          .mayOnlyBeAccessedByLayers("cli", "grpc", "engine")
          .whereLayer("kv")
          .mayOnlyBeAccessedByLayers("cli", "grpc", "engine", "chunks", "device", "model")
          .whereLayer("export")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("model")
          .mayOnlyBeAccessedByLayers("cli", "grpc", "engine", "export");

  @ArchTest
  static final ArchRule onlyModelUsesTheRuntime =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "model..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.onnxruntime..");

  @ArchTest
  static final ArchRule onlyCliAndExportUseTheHub =
      noClasses()
          .that()
          .resideOutsideOfPackages(ROOT + "cli..", ROOT + "export..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.cacheblend.hub..");

  @ArchTest
  static final ArchRule onlyGrpcUsesTheMessages =
      noClasses()
          .that()
          .resideOutsideOfPackage(ROOT + "grpc..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("ai.cacheblend.proto..");

  @ArchTest
  static final ArchRule onlyKvAndDeviceAreNative =
      methods()
          .that()
          .haveModifier(NATIVE)
          .should()
          .beDeclaredInClassesThat()
          .resideInAnyPackage(ROOT + "kv..", ROOT + "device..");

  @ArchTest
  static final ArchRule onlyEdgePackagesUseGrpc =
      noClasses()
          .that(describe("are neither in grpc, access nor cli", ArchitectureTest::isInside))
          .should()
          .dependOnClassesThat()
          .resideInAPackage("io.grpc..");

  private static boolean isInside(JavaClass type) {
    return !type.getPackageName().startsWith(ROOT + "grpc")
        && !type.getPackageName().startsWith(ROOT + "access")
        && !type.getPackageName().startsWith(ROOT + "cli");
  }
}
