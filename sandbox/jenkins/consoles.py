"""What the build tools print: Maven, npm with webpack, Docker. Lines are templates; see `job.Stage`."""

from __future__ import annotations

MAVEN_COMPILE = (
    "+ mvn -B -ntp clean compile",
    "[INFO] Scanning for projects...",
    "[INFO] ",
    "[INFO] --------------------------< com.shop:{PROJECT} >--------------------------",
    "[INFO] Building {PROJECT} 4.12.0-SNAPSHOT",
    "[INFO] --------------------------------[ war ]---------------------------------",
    "[INFO] ",
    "[INFO] --- clean:3.3.2:clean (default-clean) @ {PROJECT} ---",
    "[INFO] Deleting {WORKSPACE}/target",
    "[INFO] --- resources:3.3.1:resources (default-resources) @ {PROJECT} ---",
    "[INFO] Copying 18 resources from src/main/resources to target/classes",
    "[INFO] --- compiler:3.13.0:compile (default-compile) @ {PROJECT} ---",
    "[INFO] Recompiling the module because of changed source code.",
    "[INFO] Compiling 214 source files with javac [debug release 17] to target/classes",
    "[WARNING] {WORKSPACE}/src/main/java/com/shop/{PROJECT}/order/OrderController.java:[58,31] "
    "getDate() in java.util.Date has been deprecated",
)
MAVEN_COMPILE_ERROR = (
    "[INFO] -------------------------------------------------------------",
    "[ERROR] COMPILATION ERROR : ",
    "[INFO] -------------------------------------------------------------",
    "[ERROR] {WORKSPACE}/src/main/java/com/shop/{PROJECT}/cart/CartService.java:[87,34] cannot find symbol",
    "  symbol:   method totalAfterDiscount(com.shop.{PROJECT}.price.Discount)",
    "  location: variable cart of type com.shop.{PROJECT}.cart.Cart",
    "[ERROR] {WORKSPACE}/src/main/java/com/shop/{PROJECT}/cart/CartService.java:[91,9] incompatible types: "
    "java.math.BigDecimal cannot be converted to long",
    "[INFO] 2 errors ",
    "[INFO] -------------------------------------------------------------",
    "[INFO] ------------------------------------------------------------------------",
    "[INFO] BUILD FAILURE",
    "[INFO] ------------------------------------------------------------------------",
    "[INFO] Total time:  21.348 s",
    "[INFO] ------------------------------------------------------------------------",
    "[ERROR] Failed to execute goal org.apache.maven.plugins:maven-compiler-plugin:3.13.0:compile "
    "(default-compile) on project {PROJECT}: Compilation failure: Compilation failure: ",
    "[ERROR] {WORKSPACE}/src/main/java/com/shop/{PROJECT}/cart/CartService.java:[87,34] cannot find symbol",
    "[ERROR] -> [Help 1]",
    "[ERROR] ",
    "[ERROR] To see the full stack trace of the errors, re-run Maven with the -e switch.",
)
MAVEN_TEST = (
    "+ mvn -B -ntp surefire:test",
    "[INFO] -------------------------------------------------------",
    "[INFO]  T E S T S",
    "[INFO] -------------------------------------------------------",
    "[INFO] Running com.shop.{PROJECT}.PaymentServiceTest",
    "[INFO] Tests run: 42, Failures: 0, Errors: 0, Skipped: 1, Time elapsed: 3.118 s",
    "[INFO] Running com.shop.{PROJECT}.StockClientTest",
    "[INFO] Tests run: 17, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 1.904 s",
    "[INFO] Tests run: 59, Failures: 0, Errors: 0, Skipped: 1",
    "[INFO] BUILD SUCCESS",
)
MAVEN_PACKAGE = (
    "+ mvn -B -ntp package -DskipTests",
    "[INFO] --- war:3.4.0:war (default-war) @ {PROJECT} ---",
    "[INFO] Building war: {WORKSPACE}/target/{PROJECT}.war",
    "[INFO] ------------------------------------------------------------------------",
    "[INFO] BUILD SUCCESS",
    "[INFO] ------------------------------------------------------------------------",
    "[INFO] Total time:  38.207 s",
)
ASSETS = (
    "+ npx uglifyjs src/main/webapp/js -o target/web/js/app.min.js --compress --mangle",
    "merged 23 files, 412.6 kB -> 131.9 kB",
    "+ npx cleancss -o target/web/css/app.min.css src/main/webapp/css",
    "merged 9 files, 88.1 kB -> 52.4 kB",
)
NPM_INSTALL_AND_BUILD = (
    "+ npm ci --no-audit",
    "npm warn deprecated inflight@1.0.6: This module is not supported, and leaks memory.",
    "added 1184 packages in 14s",
    "+ npm run build",
    "> {PROJECT}@3.8.1 build",
    "> webpack --mode production",
)
WEBPACK_OK = (
    "asset main.4f1c9e.js 481 KiB [emitted] [immutable] [minimized] (name: main)",
    "asset vendor.a90d21.js 312 KiB [emitted] [immutable] [minimized] (name: vendor)",
    "webpack 5.97.1 compiled successfully in 9213 ms",
)
WEBPACK_ERROR = (
    "assets by status 312 KiB [cached] 1 asset",
    "ERROR in ./src/basket/Basket.tsx 4:0-47",
    "Module not found: Error: Can't resolve './DeliveryDate' in '{WORKSPACE}/src/basket'",
    " @ ./src/App.tsx 11:0-38 42:21-27",
    " @ ./src/index.tsx 3:0-24 7:30-33",
    "",
    "ERROR in {WORKSPACE}/src/basket/Basket.tsx",
    "31:17-29",
    "TS2339: Property 'deliveryDay' does not exist on type 'BasketProps'.",
    "    29 |   return (",
    '    30 |     <section className="basket">',
    "  > 31 |       <DeliveryDate day=basket.deliveryDay />",
    "       |                 ^^^^^^^^^^^^",
    "",
    "webpack 5.97.1 compiled with 2 errors in 8127 ms",
    "npm error Lifecycle script `build` failed with error:",
    "npm error code 1",
    "npm error path {WORKSPACE}",
    "npm error workspace {PROJECT}@3.8.1",
    "npm error command failed",
    "npm error command sh -c webpack --mode production",
)
DOCKER_BUILD = (
    "+ docker build -t {IMAGE} .",
    "#1 [internal] load build definition from Dockerfile",
    "#2 [internal] load metadata for harbor.shop.example/base/runtime:17",
    "#4 [1/3] FROM harbor.shop.example/base/runtime:17",
    "#4 CACHED",
    "#5 [2/3] COPY target/ /opt/{PROJECT}/",
    "#5 DONE 0.8s",
    "#6 [3/3] RUN chown -R app:app /opt/{PROJECT}",
    "#6 DONE 0.4s",
    "#7 naming to {IMAGE} done",
)
DOCKER_PUSH = (
    "+ docker push {IMAGE}",
    "The push refers to repository [{REPOSITORY}]",
    "5f70bf18a086: Layer already exists",
    "8d3ac3489996: Layer already exists",
    "c1a2e7f0b34d: Pushed",
    "{TAG}: digest: {DIGEST} size: 2417",
)
SET_IMAGE = ("+ kubectl --namespace {ENVIRONMENT} set image deployment/{PROJECT} {PROJECT}={IMAGE}",)
STACK_TRACE = (
    "INFO  Starting Application v4.12.0 with PID 1",
    "INFO  Tomcat initialized with port 8080 (http)",
    "ERROR Application run failed",
    "java.lang.IllegalStateException: Failed to load property source from location "
    "'classpath:/config/database.yml'",
    "\tat com.shop.config.Settings.load(Settings.java:73)",
    "\tat com.shop.config.DataSourceFactory.create(DataSourceFactory.java:41)",
    "\tat com.shop.Application.main(Application.java:22)",
    "Caused by: java.io.FileNotFoundException: class path resource [config/database.yml] "
    "cannot be opened because it does not exist",
    "\tat org.springframework.core.io.ClassPathResource.getInputStream(ClassPathResource.java:199)",
    "\t... 12 more",
)
