// Built from js-shim/ and src/ by scripts/build.mjs. Do not edit.
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
var __esm = (fn, res, err) => function __init() {
  if (err) throw err[0];
  try {
    return fn && (res = (0, fn[__getOwnPropNames(fn)[0]])(fn = 0)), res;
  } catch (e) {
    throw err = [e], e;
  }
};
var __export = (target, all) => {
  for (var name in all)
    __defProp(target, name, { get: all[name], enumerable: true });
};
var __copyProps = (to, from, except, desc) => {
  if (from && typeof from === "object" || typeof from === "function") {
    for (let key of __getOwnPropNames(from))
      if (!__hasOwnProp.call(to, key) && key !== except)
        __defProp(to, key, { get: () => from[key], enumerable: !(desc = __getOwnPropDesc(from, key)) || desc.enumerable });
  }
  return to;
};
var __toESM = (mod, isNodeMode, target) => (target = mod != null ? __create(__getProtoOf(mod)) : {}, __copyProps(
  // If the importer is in node compatibility mode or this is not an ESM
  // file that has been converted to a CommonJS file using a Babel-
  // compatible transform (i.e. "__esModule" has not been set), then set
  // "default" to the CommonJS "module.exports" for node compatibility.
  isNodeMode || !mod || !mod.__esModule ? __defProp(target, "default", { value: mod, enumerable: true }) : target,
  mod
));

// js-shim/keys.mjs
var keys_exports = {};
__export(keys_exports, {
  sign: () => sign,
  verify: () => verify
});
function sign(seed, message) {
  const key = import_node_crypto.default.createPrivateKey({ key: Buffer.concat([PRIVATE, seed]), format: "der", type: "pkcs8" });
  const spki = import_node_crypto.default.createPublicKey(key).export({ format: "der", type: "spki" });
  return Buffer.concat([spki.subarray(PUBLIC.length), import_node_crypto.default.sign(null, message, key)]);
}
function verify(bytes, message, signature) {
  const key = import_node_crypto.default.createPublicKey({ key: Buffer.concat([PUBLIC, bytes]), format: "der", type: "spki" });
  return import_node_crypto.default.verify(null, message, key, signature);
}
var import_node_crypto, PRIVATE, PUBLIC;
var init_keys = __esm({
  "js-shim/keys.mjs"() {
    import_node_crypto = __toESM(require("node:crypto"), 1);
    PRIVATE = Buffer.from("302e020100300506032b657004220420", "hex");
    PUBLIC = Buffer.from("302a300506032b6570032100", "hex");
  }
});

// waybill:loader
var import_node_fs = require("node:fs");
var import_node_v8 = require("node:v8");

// target/glue/waybill.js
function run(shim) {
  const ret = wasm.run(addHeapObject(shim));
  return takeObject(ret);
}
function __wbg_get_imports() {
  const import0 = {
    __proto__: null,
    __wbg___wbindgen_debug_string_4687d8d8c2017d52: function(arg0, arg1) {
      const ret = debugString(getObject(arg1));
      const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_export, wasm.__wbindgen_export2);
      const len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
      getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
    },
    __wbg___wbindgen_is_falsy_16bd49b68658263e: function(arg0) {
      const ret = !getObject(arg0);
      return ret;
    },
    __wbg___wbindgen_is_function_1f9d30630b8b1d3d: function(arg0) {
      const ret = typeof getObject(arg0) === "function";
      return ret;
    },
    __wbg___wbindgen_is_object_3c45d4f2dde4e749: function(arg0) {
      const val = getObject(arg0);
      const ret = typeof val === "object" && val !== null;
      return ret;
    },
    __wbg___wbindgen_is_string_90b56bc79aad6f6c: function(arg0) {
      const ret = typeof getObject(arg0) === "string";
      return ret;
    },
    __wbg___wbindgen_is_undefined_8865fb403f8fe9d8: function(arg0) {
      const ret = getObject(arg0) === void 0;
      return ret;
    },
    __wbg___wbindgen_jsval_eq_02babf21faa37971: function(arg0, arg1) {
      const ret = getObject(arg0) === getObject(arg1);
      return ret;
    },
    __wbg___wbindgen_number_get_2e0e7dee9f701a71: function(arg0, arg1) {
      const obj = getObject(arg1);
      const ret = typeof obj === "number" ? obj : void 0;
      getDataViewMemory0().setFloat64(arg0 + 8 * 1, isLikeNone(ret) ? 0 : ret, true);
      getDataViewMemory0().setInt32(arg0 + 4 * 0, !isLikeNone(ret), true);
    },
    __wbg___wbindgen_string_get_0380ccaa2f57f0d9: function(arg0, arg1) {
      const obj = getObject(arg1);
      const ret = typeof obj === "string" ? obj : void 0;
      var ptr1 = isLikeNone(ret) ? 0 : passStringToWasm0(ret, wasm.__wbindgen_export, wasm.__wbindgen_export2);
      var len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
      getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
    },
    __wbg___wbindgen_throw_41e9ee4f547fc59a: function(arg0, arg1) {
      throw new Error(getStringFromWasm0(arg0, arg1));
    },
    __wbg__wbg_cb_unref_dcc1a90847f04c41: function(arg0) {
      getObject(arg0)._wbg_cb_unref();
    },
    __wbg_abort_f78b99d80248bacb: function(arg0) {
      getObject(arg0).abort();
    },
    __wbg_append_1038f95c5f690a6f: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4) {
        getObject(arg0).append(getStringFromWasm0(arg1, arg2), getArrayU8FromWasm0(arg3, arg4));
      }, arguments);
    },
    __wbg_body_4e088733babc630d: function(arg0) {
      const ret = getObject(arg0).body;
      return isLikeNone(ret) ? 0 : addHeapObject(ret);
    },
    __wbg_body_c5d0c4f19f46bbc6: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4) {
        const ret = getObject(arg0).body(getStringFromWasm0(arg1, arg2), arg3, arg4);
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_call_187d372bd5fdd4aa: function() {
      return handleError(function(arg0, arg1, arg2) {
        const ret = getObject(arg0).call(getObject(arg1), getObject(arg2));
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_cancelled_05dbfa3c976d6912: function(arg0) {
      const ret = getObject(arg0).cancelled();
      return addHeapObject(ret);
    },
    __wbg_clear_a209fa4790d09bf0: function(arg0) {
      getObject(arg0).clear();
    },
    __wbg_close_0fb21ce763d69fc1: function(arg0, arg1) {
      getObject(arg0).close(arg1);
    },
    __wbg_close_4193c18b04d2ca69: function(arg0) {
      getObject(arg0).close();
    },
    __wbg_connectSocket_3f19905324016258: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4, arg5, arg6) {
        const ret = getObject(arg0).connectSocket(getStringFromWasm0(arg1, arg2), arg3, arg4 === 0 ? void 0 : getStringFromWasm0(arg4, arg5), arg6);
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_deriveKey_6b3b57e4afaeb68d: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4, arg5) {
        const ret = getObject(arg0).deriveKey(getArrayU8FromWasm0(arg1, arg2), getArrayU8FromWasm0(arg3, arg4), arg5 >>> 0);
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_done_b41a1d26cdb37fb6: function(arg0) {
      const ret = getObject(arg0).done;
      return ret;
    },
    __wbg_entries_3602f27ad32994b8: function(arg0) {
      const ret = getObject(arg0).entries();
      return addHeapObject(ret);
    },
    __wbg_environment_95ec64d87001cca8: function(arg0, arg1) {
      const ret = getObject(arg1).environment();
      const ptr1 = passArray8ToWasm0(ret, wasm.__wbindgen_export);
      const len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
      getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
    },
    __wbg_error_757e9472f8410341: function(arg0, arg1) {
      let deferred0_0;
      let deferred0_1;
      try {
        deferred0_0 = arg0;
        deferred0_1 = arg1;
        console.error(getStringFromWasm0(arg0, arg1));
      } finally {
        wasm.__wbindgen_export4(deferred0_0, deferred0_1, 1);
      }
    },
    __wbg_fetch_6115772475914618: function() {
      return handleError(function(arg0) {
        const ret = fetch(getObject(arg0));
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_from_296ca31f8d0f1c52: function(arg0) {
      const ret = Array.from(getObject(arg0));
      return addHeapObject(ret);
    },
    __wbg_getReader_e782bd33388a2c7b: function(arg0) {
      const ret = getObject(arg0).getReader();
      return addHeapObject(ret);
    },
    __wbg_get_31af05bd4842a84f: function() {
      return handleError(function(arg0, arg1) {
        const ret = Reflect.get(getObject(arg0), getObject(arg1));
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_get_6c896e0571ddae51: function(arg0, arg1) {
      const ret = getObject(arg0)[arg1 >>> 0];
      return addHeapObject(ret);
    },
    __wbg_headers_eba93595f8944c2f: function(arg0) {
      const ret = getObject(arg0).headers;
      return addHeapObject(ret);
    },
    __wbg_instanceof_Error_80a725f81f2e102d: function(arg0) {
      let result;
      try {
        result = getObject(arg0) instanceof Error;
      } catch (_) {
        result = false;
      }
      const ret = result;
      return ret;
    },
    __wbg_length_7f3c00c40364105e: function(arg0) {
      const ret = getObject(arg0).length;
      return ret;
    },
    __wbg_length_d4bdea10311bd9cf: function(arg0) {
      const ret = getObject(arg0).length;
      return ret;
    },
    __wbg_list_880880e304366585: function() {
      return handleError(function(arg0, arg1, arg2, arg3) {
        const ret = getObject(arg1).list(getStringFromWasm0(arg2, arg3));
        const ptr1 = passArrayJsValueToWasm0(ret, wasm.__wbindgen_export);
        const len1 = WASM_VECTOR_LEN;
        getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
        getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
      }, arguments);
    },
    __wbg_message_5f8387f0c32b90a7: function(arg0) {
      const ret = getObject(arg0).message;
      return addHeapObject(ret);
    },
    __wbg_name_e2eac7cdfa054f65: function(arg0) {
      const ret = getObject(arg0).name;
      return addHeapObject(ret);
    },
    __wbg_new_227d7c05414eb861: function() {
      const ret = new Error();
      return addHeapObject(ret);
    },
    __wbg_new_2e41357094e99294: function() {
      return handleError(function() {
        const ret = new AbortController();
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_new_617a8cdb8bb1130e: function() {
      const ret = new Object();
      return addHeapObject(ret);
    },
    __wbg_new_820eb53f620ccf82: function() {
      return handleError(function(arg0, arg1) {
        const ret = new URL(getStringFromWasm0(arg0, arg1));
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_new_83ca405eae412a62: function() {
      return handleError(function() {
        const ret = new Headers();
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_new_d92488e3f585ed02: function() {
      return handleError(function() {
        const ret = new URLSearchParams();
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_new_from_slice_9a868026ffa4208a: function(arg0, arg1) {
      const ret = new Uint8Array(getArrayU8FromWasm0(arg0, arg1));
      return addHeapObject(ret);
    },
    __wbg_new_typed_b01cb72a8af741a3: function(arg0, arg1) {
      try {
        var state0 = { a: arg0, b: arg1 };
        var cb0 = (arg02, arg12) => {
          const a = state0.a;
          state0.a = 0;
          try {
            return __wasm_bindgen_func_elem_9158(a, state0.b, arg02, arg12);
          } finally {
            state0.a = a;
          }
        };
        const ret = new Promise(cb0);
        return addHeapObject(ret);
      } finally {
        state0.a = 0;
      }
    },
    __wbg_new_with_str_2d1292ac88699448: function() {
      return handleError(function(arg0, arg1) {
        const ret = new Request(getStringFromWasm0(arg0, arg1));
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_new_with_str_and_init_4618dee4e950224f: function() {
      return handleError(function(arg0, arg1, arg2) {
        const ret = new Request(getStringFromWasm0(arg0, arg1), getObject(arg2));
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_next_a97dd60352b4fdc6: function(arg0) {
      const ret = getObject(arg0).next();
      return addHeapObject(ret);
    },
    __wbg_next_f4aac29c42af995c: function() {
      return handleError(function(arg0) {
        const ret = getObject(arg0).next();
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_normalizedText_a8944b7ebe9bd332: function(arg0, arg1, arg2) {
      const ret = getObject(arg0).normalizedText(getStringFromWasm0(arg1, arg2));
      return addHeapObject(ret);
    },
    __wbg_now_aa4ccb83129e9e55: function() {
      const ret = Date.now();
      return ret;
    },
    __wbg_open_52d9ad040418bab3: function() {
      return handleError(function(arg0, arg1, arg2) {
        const ret = getObject(arg0).open(getStringFromWasm0(arg1, arg2));
        return ret;
      }, arguments);
    },
    __wbg_over_c7515681e2f08f0a: function(arg0) {
      const ret = getObject(arg0).over();
      return addHeapObject(ret);
    },
    __wbg_platform_8d92b9fb55ed5b62: function(arg0, arg1) {
      const ret = getObject(arg1).platform();
      const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_export, wasm.__wbindgen_export2);
      const len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
      getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
    },
    __wbg_print_26477ad0be45627d: function(arg0, arg1, arg2) {
      getObject(arg0).print(getArrayU8FromWasm0(arg1, arg2));
    },
    __wbg_programArguments_86cabb207f790034: function(arg0, arg1) {
      const ret = getObject(arg1).programArguments();
      const ptr1 = passArrayJsValueToWasm0(ret, wasm.__wbindgen_export);
      const len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
      getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
    },
    __wbg_prototypesetcall_bc27214492979395: function(arg0, arg1, arg2) {
      Uint8Array.prototype.set.call(getArrayU8FromWasm0(arg0, arg1), getObject(arg2));
    },
    __wbg_queueMicrotask_9833f9a49df95a49: function(arg0) {
      const ret = getObject(arg0).queueMicrotask;
      return addHeapObject(ret);
    },
    __wbg_queueMicrotask_a72f977e97f23c5f: function(arg0) {
      queueMicrotask(getObject(arg0));
    },
    __wbg_random_dd4addb3e73bcaf7: function(arg0, arg1, arg2) {
      getObject(arg0).random(getArrayU8FromWasm0(arg1, arg2));
    },
    __wbg_readLink_6d29803cae87d316: function() {
      return handleError(function(arg0, arg1, arg2, arg3) {
        const ret = getObject(arg1).readLink(getStringFromWasm0(arg2, arg3));
        const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_export, wasm.__wbindgen_export2);
        const len1 = WASM_VECTOR_LEN;
        getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
        getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
      }, arguments);
    },
    __wbg_read_24bcbde744688f56: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4) {
        const ret = getObject(arg0).read(arg1, getArrayU8FromWasm0(arg2, arg3), arg4);
        return ret;
      }, arguments);
    },
    __wbg_read_2a943774344c9728: function(arg0) {
      const ret = getObject(arg0).read();
      return addHeapObject(ret);
    },
    __wbg_read_6ae0ccb658ad0efd: function(arg0) {
      const ret = getObject(arg0).read();
      return addHeapObject(ret);
    },
    __wbg_realPath_4e73d899c2707e2d: function() {
      return handleError(function(arg0, arg1, arg2, arg3) {
        const ret = getObject(arg1).realPath(getStringFromWasm0(arg2, arg3));
        const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_export, wasm.__wbindgen_export2);
        const len1 = WASM_VECTOR_LEN;
        getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
        getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
      }, arguments);
    },
    __wbg_remove_d60906ce01224865: function() {
      return handleError(function(arg0, arg1, arg2) {
        getObject(arg0).remove(getStringFromWasm0(arg1, arg2));
      }, arguments);
    },
    __wbg_replace_54defa140dc2d830: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4) {
        getObject(arg0).replace(getStringFromWasm0(arg1, arg2), getArrayU8FromWasm0(arg3, arg4));
      }, arguments);
    },
    __wbg_resolve_0076e10020304ede: function(arg0) {
      const ret = Promise.resolve(getObject(arg0));
      return addHeapObject(ret);
    },
    __wbg_save_673955d07c094a61: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4) {
        const ret = getObject(arg0).save(getObject(arg1), getStringFromWasm0(arg2, arg3), arg4);
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_search_c401c3a62c560ce7: function(arg0, arg1) {
      const ret = getObject(arg1).search;
      const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_export, wasm.__wbindgen_export2);
      const len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
      getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
    },
    __wbg_set_af5932e3f78b5648: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4) {
        getObject(arg0).set(getStringFromWasm0(arg1, arg2), getStringFromWasm0(arg3, arg4));
      }, arguments);
    },
    __wbg_set_body_1fb0f1008bfc7df6: function(arg0, arg1) {
      getObject(arg0).body = getObject(arg1);
    },
    __wbg_set_headers_40ad33dcf016613f: function(arg0, arg1) {
      getObject(arg0).headers = getObject(arg1);
    },
    __wbg_set_method_dcb32343247ec427: function(arg0, arg1, arg2) {
      getObject(arg0).method = getStringFromWasm0(arg1, arg2);
    },
    __wbg_set_redirect_cc128ab2411da334: function(arg0, arg1) {
      getObject(arg0).redirect = __wbindgen_enum_RequestRedirect[arg1];
    },
    __wbg_set_search_de4e8694f3b52c24: function(arg0, arg1, arg2) {
      getObject(arg0).search = getStringFromWasm0(arg1, arg2);
    },
    __wbg_set_signal_2dbd377604627f26: function(arg0, arg1) {
      getObject(arg0).signal = getObject(arg1);
    },
    __wbg_sign_955adaabfe77147a: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4) {
        const ret = getObject(arg0).sign(getArrayU8FromWasm0(arg1, arg2), getArrayU8FromWasm0(arg3, arg4));
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_signal_ab44db9b932bd002: function(arg0, arg1, arg2) {
      getObject(arg0).signal(getStringFromWasm0(arg1, arg2));
    },
    __wbg_signal_e5a49a2d9c65b7f6: function(arg0) {
      const ret = getObject(arg0).signal;
      return addHeapObject(ret);
    },
    __wbg_stack_3b0d974bbf31e44f: function(arg0, arg1) {
      const ret = getObject(arg1).stack;
      const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_export, wasm.__wbindgen_export2);
      const len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
      getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
    },
    __wbg_startTls_a95c979d368ae13a: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8, arg9) {
        const ret = getObject(arg0).startTls(getStringFromWasm0(arg1, arg2), arg3 === 0 ? void 0 : getStringFromWasm0(arg3, arg4), getStringFromWasm0(arg5, arg6), arg7 === 0 ? void 0 : getStringFromWasm0(arg7, arg8), arg9);
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_start_290a14cd63f65b60: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8) {
        var v0 = getArrayJsValueFromWasm0(arg3, arg4);
        wasm.__wbindgen_export4(arg3, arg4 * 4, 4);
        const ret = getObject(arg0).start(getStringFromWasm0(arg1, arg2), v0, getStringFromWasm0(arg5, arg6), getArrayU8FromWasm0(arg7, arg8));
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_static_accessor_GLOBAL_266715b9d96ba635: function() {
      const ret = typeof global === "undefined" ? null : global;
      return isLikeNone(ret) ? 0 : addHeapObject(ret);
    },
    __wbg_static_accessor_GLOBAL_THIS_10fb7dc1ae063179: function() {
      const ret = typeof globalThis === "undefined" ? null : globalThis;
      return isLikeNone(ret) ? 0 : addHeapObject(ret);
    },
    __wbg_static_accessor_SELF_0b583911f537483a: function() {
      const ret = typeof self === "undefined" ? null : self;
      return isLikeNone(ret) ? 0 : addHeapObject(ret);
    },
    __wbg_static_accessor_WINDOW_d7f903d1508cbdc4: function() {
      const ret = typeof window === "undefined" ? null : window;
      return isLikeNone(ret) ? 0 : addHeapObject(ret);
    },
    __wbg_status_8dac13ea1a61b122: function(arg0) {
      const ret = getObject(arg0).status();
      return addHeapObject(ret);
    },
    __wbg_status_ce0a98d3c57125f3: function(arg0) {
      const ret = getObject(arg0).status;
      return ret;
    },
    __wbg_stream_6067bd7b7a6a8d26: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8, arg9, arg10, arg11, arg12, arg13) {
        var v0 = getArrayF64FromWasm0(arg3, arg4).slice();
        wasm.__wbindgen_export4(arg3, arg4 * 8, 8);
        const ret = getObject(arg0).stream(getStringFromWasm0(arg1, arg2), v0, takeObject(arg5), arg6 === 0 ? void 0 : getStringFromWasm0(arg6, arg7), arg8 !== 0, arg9 !== 0, arg10 !== 0, arg11 !== 0, arg12 === 0 ? void 0 : getStringFromWasm0(arg12, arg13));
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_then_c949d5a25a4e78f8: function(arg0, arg1, arg2) {
      const ret = getObject(arg0).then(getObject(arg1), getObject(arg2));
      return addHeapObject(ret);
    },
    __wbg_then_e71170d78fcf8954: function(arg0, arg1) {
      const ret = getObject(arg0).then(getObject(arg1));
      return addHeapObject(ret);
    },
    __wbg_timer_1782bbfe42cca8db: function(arg0, arg1) {
      const ret = getObject(arg0).timer(arg1);
      return addHeapObject(ret);
    },
    __wbg_toString_0a6162345e699dea: function(arg0) {
      const ret = getObject(arg0).toString();
      return addHeapObject(ret);
    },
    __wbg_toString_83fab3d7c865ecd3: function(arg0) {
      const ret = getObject(arg0).toString();
      return addHeapObject(ret);
    },
    __wbg_url_7bfada5c2297bc70: function(arg0, arg1) {
      const ret = getObject(arg1).url;
      const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_export, wasm.__wbindgen_export2);
      const len1 = WASM_VECTOR_LEN;
      getDataViewMemory0().setInt32(arg0 + 4 * 1, len1, true);
      getDataViewMemory0().setInt32(arg0 + 4 * 0, ptr1, true);
    },
    __wbg_useProxy_e4f6fbb26abe40e9: function(arg0) {
      const ret = getObject(arg0).useProxy();
      return addHeapObject(ret);
    },
    __wbg_value_f3c585ee8f5ba40c: function(arg0) {
      const ret = getObject(arg0).value;
      return addHeapObject(ret);
    },
    __wbg_verify_0c2e935d5900821e: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4, arg5, arg6) {
        const ret = getObject(arg0).verify(getArrayU8FromWasm0(arg1, arg2), getArrayU8FromWasm0(arg3, arg4), getArrayU8FromWasm0(arg5, arg6));
        return addHeapObject(ret);
      }, arguments);
    },
    __wbg_writeNew_a013ea0a64dbda12: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4) {
        getObject(arg0).writeNew(getStringFromWasm0(arg1, arg2), getArrayU8FromWasm0(arg3, arg4));
      }, arguments);
    },
    __wbg_write_7c781da02bc048a7: function(arg0, arg1, arg2) {
      const ret = getObject(arg0).write(getArrayU8FromWasm0(arg1, arg2));
      return addHeapObject(ret);
    },
    __wbindgen_generic_0000000000000001: function(arg0, arg1) {
      const ret = makeMutClosure(arg0, arg1, __wasm_bindgen_func_elem_9154);
      return addHeapObject(ret);
    },
    __wbindgen_generic_0000000000000002: function(arg0) {
      const ret = arg0;
      return addHeapObject(ret);
    },
    __wbindgen_generic_0000000000000003: function(arg0, arg1) {
      const ret = getStringFromWasm0(arg0, arg1);
      return addHeapObject(ret);
    },
    __wbindgen_object_clone_ref: function(arg0) {
      const ret = getObject(arg0);
      return addHeapObject(ret);
    },
    __wbindgen_object_drop_ref: function(arg0) {
      takeObject(arg0);
    }
  };
  return {
    __proto__: null,
    "./waybill_bg.js": import0
  };
}
function __wasm_bindgen_func_elem_9158(arg0, arg1, arg2, arg3) {
  wasm.__wasm_bindgen_func_elem_9158(arg0, arg1, addHeapObject(arg2), addHeapObject(arg3));
}
function __wasm_bindgen_func_elem_9154(arg0, arg1, arg2) {
  try {
    const retptr = wasm.__wbindgen_add_to_stack_pointer(-16);
    wasm.__wasm_bindgen_func_elem_9154(retptr, arg0, arg1, addHeapObject(arg2));
    var r0 = getDataViewMemory0().getInt32(retptr + 4 * 0, true);
    var r1 = getDataViewMemory0().getInt32(retptr + 4 * 1, true);
    if (r1) {
      throw takeObject(r0);
    }
  } finally {
    wasm.__wbindgen_add_to_stack_pointer(16);
  }
}
var __wbindgen_enum_RequestRedirect = ["follow", "error", "manual"];
function addHeapObject(obj) {
  if (heap_next === heap.length) heap.push(heap.length + 1);
  const idx = heap_next;
  heap_next = heap[idx];
  heap[idx] = obj;
  return idx;
}
var CLOSURE_DTORS = typeof FinalizationRegistry === "undefined" ? { register: () => {
}, unregister: () => {
} } : new FinalizationRegistry((state) => wasm.__wbindgen_export5(state.a, state.b));
function debugString(val) {
  const type = typeof val;
  if (type == "number" || type == "boolean" || val == null) {
    return `${val}`;
  }
  if (type == "string") {
    return `"${val}"`;
  }
  if (type == "symbol") {
    const description = val.description;
    if (description == null) {
      return "Symbol";
    } else {
      return `Symbol(${description})`;
    }
  }
  if (type == "function") {
    const name = val.name;
    if (typeof name == "string" && name.length > 0) {
      return `Function(${name})`;
    } else {
      return "Function";
    }
  }
  if (Array.isArray(val)) {
    const length = val.length;
    let debug = "[";
    if (length > 0) {
      debug += debugString(val[0]);
    }
    for (let i = 1; i < length; i++) {
      debug += ", " + debugString(val[i]);
    }
    debug += "]";
    return debug;
  }
  const builtInMatches = /\[object ([^\]]+)\]/.exec(toString.call(val));
  let className;
  if (builtInMatches && builtInMatches.length > 1) {
    className = builtInMatches[1];
  } else {
    return toString.call(val);
  }
  if (className == "Object") {
    try {
      return "Object(" + JSON.stringify(val) + ")";
    } catch (_) {
      return "Object";
    }
  }
  if (val instanceof Error) {
    return `${val.name}: ${val.message}
${val.stack}`;
  }
  return className;
}
function dropObject(idx) {
  if (idx < 1028) return;
  heap[idx] = heap_next;
  heap_next = idx;
}
function getArrayF64FromWasm0(ptr, len) {
  ptr = ptr >>> 0;
  return getFloat64ArrayMemory0().subarray(ptr / 8, ptr / 8 + len);
}
function getArrayJsValueFromWasm0(ptr, len) {
  ptr = ptr >>> 0;
  const mem = getDataViewMemory0();
  const result = [];
  for (let i = ptr; i < ptr + 4 * len; i += 4) {
    result.push(takeObject(mem.getUint32(i, true)));
  }
  return result;
}
function getArrayU8FromWasm0(ptr, len) {
  ptr = ptr >>> 0;
  return getUint8ArrayMemory0().subarray(ptr / 1, ptr / 1 + len);
}
var cachedDataViewMemory0 = null;
function getDataViewMemory0() {
  if (cachedDataViewMemory0 === null || cachedDataViewMemory0.buffer.detached === true || cachedDataViewMemory0.buffer.detached === void 0 && cachedDataViewMemory0.buffer !== wasm.memory.buffer) {
    cachedDataViewMemory0 = new DataView(wasm.memory.buffer);
  }
  return cachedDataViewMemory0;
}
var cachedFloat64ArrayMemory0 = null;
function getFloat64ArrayMemory0() {
  if (cachedFloat64ArrayMemory0 === null || cachedFloat64ArrayMemory0.byteLength === 0) {
    cachedFloat64ArrayMemory0 = new Float64Array(wasm.memory.buffer);
  }
  return cachedFloat64ArrayMemory0;
}
function getStringFromWasm0(ptr, len) {
  return decodeText(ptr >>> 0, len);
}
var cachedUint8ArrayMemory0 = null;
function getUint8ArrayMemory0() {
  if (cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0) {
    cachedUint8ArrayMemory0 = new Uint8Array(wasm.memory.buffer);
  }
  return cachedUint8ArrayMemory0;
}
function getObject(idx) {
  return heap[idx];
}
function handleError(f, args) {
  try {
    return f.apply(this, args);
  } catch (e) {
    wasm.__wbindgen_export3(addHeapObject(e));
  }
}
var heap = new Array(1024).fill(void 0);
heap.push(void 0, null, true, false);
var heap_next = heap.length;
function isLikeNone(x) {
  return x === void 0 || x === null;
}
function makeMutClosure(arg0, arg1, f) {
  const state = { a: arg0, b: arg1, cnt: 1 };
  const real = (...args) => {
    state.cnt++;
    const a = state.a;
    state.a = 0;
    try {
      return f(a, state.b, ...args);
    } finally {
      state.a = a;
      real._wbg_cb_unref();
    }
  };
  real._wbg_cb_unref = () => {
    if (--state.cnt === 0) {
      wasm.__wbindgen_export5(state.a, state.b);
      state.a = 0;
      CLOSURE_DTORS.unregister(state);
    }
  };
  CLOSURE_DTORS.register(real, state, state);
  return real;
}
function passArray8ToWasm0(arg, malloc) {
  const ptr = malloc(arg.length * 1, 1) >>> 0;
  getUint8ArrayMemory0().set(arg, ptr / 1);
  WASM_VECTOR_LEN = arg.length;
  return ptr;
}
function passArrayJsValueToWasm0(array, malloc) {
  const ptr = malloc(array.length * 4, 4) >>> 0;
  const mem = getDataViewMemory0();
  for (let i = 0; i < array.length; i++) {
    mem.setUint32(ptr + 4 * i, addHeapObject(array[i]), true);
  }
  WASM_VECTOR_LEN = array.length;
  return ptr;
}
function passStringToWasm0(arg, malloc, realloc) {
  if (realloc === void 0) {
    const buf = cachedTextEncoder.encode(arg);
    const ptr2 = malloc(buf.length, 1) >>> 0;
    getUint8ArrayMemory0().subarray(ptr2, ptr2 + buf.length).set(buf);
    WASM_VECTOR_LEN = buf.length;
    return ptr2;
  }
  let len = arg.length;
  let ptr = malloc(len, 1) >>> 0;
  const mem = getUint8ArrayMemory0();
  let offset = 0;
  for (; offset < len; offset++) {
    const code = arg.charCodeAt(offset);
    if (code > 127) break;
    mem[ptr + offset] = code;
  }
  if (offset !== len) {
    if (offset !== 0) {
      arg = arg.slice(offset);
    }
    ptr = realloc(ptr, len, len = offset + arg.length * 3, 1) >>> 0;
    const view = getUint8ArrayMemory0().subarray(ptr + offset, ptr + len);
    const ret = cachedTextEncoder.encodeInto(arg, view);
    offset += ret.written;
    ptr = realloc(ptr, len, offset, 1) >>> 0;
  }
  WASM_VECTOR_LEN = offset;
  return ptr;
}
function takeObject(idx) {
  const ret = getObject(idx);
  dropObject(idx);
  return ret;
}
var cachedTextDecoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
cachedTextDecoder.decode();
var MAX_SAFARI_DECODE_BYTES = 2146435072;
var numBytesDecoded = 0;
function decodeText(ptr, len) {
  numBytesDecoded += len;
  if (numBytesDecoded >= MAX_SAFARI_DECODE_BYTES) {
    cachedTextDecoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
    cachedTextDecoder.decode();
    numBytesDecoded = len;
  }
  return cachedTextDecoder.decode(getUint8ArrayMemory0().subarray(ptr, ptr + len));
}
var cachedTextEncoder = new TextEncoder();
if (!("encodeInto" in cachedTextEncoder)) {
  cachedTextEncoder.encodeInto = function(arg, view) {
    const buf = cachedTextEncoder.encode(arg);
    view.set(buf);
    return {
      read: arg.length,
      written: buf.length
    };
  };
}
var WASM_VECTOR_LEN = 0;
var wasmModule;
var wasmInstance;
var wasm;
function __wbg_finalize_init(instance, module3) {
  wasmInstance = instance;
  wasm = instance.exports;
  wasmModule = module3;
  cachedDataViewMemory0 = null;
  cachedFloat64ArrayMemory0 = null;
  cachedUint8ArrayMemory0 = null;
  return wasm;
}
function initSync(module3) {
  if (wasm !== void 0) return wasm;
  if (module3 !== void 0) {
    if (Object.getPrototypeOf(module3) === Object.prototype) {
      ({ module: module3 } = module3);
    } else {
      console.warn("using deprecated parameters for `initSync()`; pass a single object instead");
    }
  }
  const imports = __wbg_get_imports();
  if (!(module3 instanceof WebAssembly.Module)) {
    module3 = new WebAssembly.Module(module3);
  }
  const instance = new WebAssembly.Instance(module3, imports);
  return __wbg_finalize_init(instance, module3);
}

// waybill:loader
(0, import_node_v8.setFlagsFromString)("--wasm-lazy-validation");
var module2 = new WebAssembly.Module((0, import_node_fs.readFileSync)(__dirname + "/waybill.wasm"));
(0, import_node_v8.setFlagsFromString)("--no-wasm-lazy-validation");
initSync({ module: module2 });

// js-shim/host.mjs
var host_exports = {};
__export(host_exports, {
  append: () => append,
  body: () => body,
  cancelled: () => cancelled,
  close: () => close,
  connectSocket: () => connectSocket,
  deriveKey: () => deriveKey,
  environment: () => environment,
  lastWords: () => lastWords,
  list: () => list,
  normalizedText: () => normalizedText,
  open: () => open,
  platform: () => platform,
  print: () => print,
  programArguments: () => programArguments,
  random: () => random,
  read: () => read,
  readLink: () => readLink,
  realPath: () => realPath,
  remove: () => remove,
  replace: () => replace,
  save: () => save,
  sign: () => sign2,
  start: () => start,
  stream: () => stream2,
  timer: () => timer,
  useProxy: () => useProxy,
  verify: () => verify2,
  writeNew: () => writeNew
});
var import_node_fs3 = __toESM(require("node:fs"), 1);
var import_node_path2 = __toESM(require("node:path"), 1);

// js-shim/aside.mjs
var SMALL = 4 * 1024 * 1024;
var MOST = 4;
function prover(fs3, crypto2, zlib) {
  const PLAIN = 128 * 1024;
  const CODED = 64 * 1024;
  const broken2 = (code, file, message) => Object.assign(new Error(message ?? code), { code, file });
  function* blocks2(descriptor, file, from, length, size) {
    const block = Buffer.allocUnsafe(Math.min(size, length));
    for (let at = 0; at < length; ) {
      const count = fs3.readSync(descriptor, block, 0, Math.min(block.length, length - at), from + at);
      if (count === 0) throw broken2("SHORT", file);
      at += count;
      yield count === block.length ? block : block.subarray(0, count);
    }
  }
  function expand(coding, source, length, file, limit, take) {
    const make = { inflate: zlib.createInflateRaw, gunzip: zlib.createGunzip, unzstd: zlib.createZstdDecompress }[coding];
    if (!make) throw broken2("UNSUPPORTED", file);
    const expander = make({ chunkSize: 256 * 1024 });
    let total = 0;
    return new Promise((resolve, reject) => {
      const fail = (error) => {
        expander.destroy();
        reject(error);
      };
      expander.on("error", (error) => fail(broken2("CORRUPT", file, error.message)));
      expander.on("data", (block) => {
        total += block.length;
        if (total > limit) fail(broken2("LARGE", file));
        else take(block);
      });
      expander.on("end", () => {
        if (expander.bytesWritten !== length) fail(broken2("CORRUPT", file, "something follows its end"));
        else resolve(total);
      });
      const feed = () => {
        try {
          for (; ; ) {
            const { value, done } = source.next();
            if (done) return void expander.end();
            if (!expander.write(Buffer.from(value))) return void expander.once("drain", feed);
          }
        } catch (error) {
          fail(error);
        }
      };
      feed();
    });
  }
  return async function prove2({ file, from, length, coding, limit, sha256, sha1 }) {
    let descriptor;
    try {
      descriptor = fs3.openSync(file, fs3.constants.O_RDONLY | (fs3.constants.O_NONBLOCK ?? 0));
      if (!fs3.fstatSync(descriptor).isFile()) throw broken2("EISDIR", file);
      const hashes = [sha256 && "sha256", sha1 && "sha1"].map((name) => name ? crypto2.createHash(name) : void 0);
      const before = function* () {
        for (const block of blocks2(descriptor, file, from, length, coding === "plain" ? PLAIN : CODED)) {
          for (const hash of hashes) hash?.update(block);
          yield block;
        }
      };
      let size = length;
      let coded;
      if (coding === "plain") for (const block of before()) void block;
      else {
        const hash = sha256 ? crypto2.createHash("sha256") : void 0;
        size = await expand(coding, before(), length, file, limit, (block) => hash?.update(block));
        coded = hash?.digest("hex");
      }
      const [first, second] = hashes.map((hash) => hash?.digest("hex") ?? "");
      return [first, second, 0, size, coded ?? first];
    } catch (error) {
      throw Object.assign(error, { file });
    } finally {
      if (descriptor !== void 0) fs3.closeSync(descriptor);
    }
  };
}
var WORKER = `
const { parentPort } = require('node:worker_threads');
const prove = (${prover})(require('node:fs'), require('node:crypto'), require('node:zlib'));
parentPort.on('message', (job) => prove(job).then(
  (answer) => parentPort.postMessage({ answer }),
  ({ message, code, file }) => parentPort.postMessage({ error: { message, code, file } }),
));`;
var most = 0;
var threads;
var idle = [];
var busy = /* @__PURE__ */ new Set();
var waiting = [];
function next() {
  while (waiting.length > 0 && (idle.length > 0 || busy.size < most)) {
    const thread = idle.pop() ?? new threads.Worker(WORKER, { eval: true, stdout: true, stderr: true });
    const { job, resolve, reject } = waiting.shift();
    busy.add(thread);
    thread.ref();
    const end = (settle, value) => {
      for (const name of ["message", "error"]) thread.removeAllListeners(name);
      busy.delete(thread);
      settle(value);
    };
    thread.on("message", ({ answer, error }) => {
      thread.unref();
      idle.push(thread);
      if (error) end(reject, Object.assign(new Error(error.message), error));
      else end(resolve, answer);
      next();
    });
    thread.on("error", (error) => {
      end(reject, Object.assign(error, { file: job.file }));
      next();
    });
    thread.postMessage(job);
  }
}
async function prove(job) {
  if (job.length <= SMALL) {
    const [fs3, crypto2, zlib] = [await Promise.resolve().then(() => __toESM(require("node:fs"), 1)), await Promise.resolve().then(() => __toESM(require("node:crypto"), 1)), await Promise.resolve().then(() => __toESM(require("node:zlib"), 1))];
    return prover(fs3.default ?? fs3, crypto2.default ?? crypto2, zlib.default ?? zlib)(job);
  }
  threads ??= await Promise.resolve().then(() => __toESM(require("node:worker_threads"), 1));
  most ||= Math.min(MOST, (await Promise.resolve().then(() => __toESM(require("node:os"), 1))).availableParallelism());
  return new Promise((resolve, reject) => {
    waiting.push({ job, resolve, reject });
    next();
  });
}
function abandon() {
  waiting.length = 0;
  for (const thread of busy) thread.unref();
  for (const thread of busy) thread.terminate();
  busy.clear();
}

// js-shim/socket.mjs
var MOST_WAITING = 1024 * 1024;
var CLOSING_MS = 1e3;
async function connectSocket(host, port, path3, milliseconds) {
  const net = await Promise.resolve().then(() => __toESM(require("node:net"), 1));
  const plain = net.connect(path3 ? { path: path3 } : { host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 3e4 });
  await opened(plain, "connect", milliseconds);
  return stream(plain, host);
}
function opened(socket, event, milliseconds) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => failed(Object.assign(new Error("too late"), { code: "LATE" })), milliseconds);
    const failed = (error) => {
      clearTimeout(late);
      socket.destroy();
      socket.on("error", () => {
      });
      reject(error);
    };
    const closed = () => failed(Object.assign(new Error("closed"), { code: "ECONNRESET" }));
    socket.once("error", failed);
    socket.once("close", closed);
    socket.once(event, () => {
      clearTimeout(late);
      socket.off("error", failed);
      socket.off("close", closed);
      resolve();
    });
  });
}
function stream(plain, host) {
  let socket = plain;
  const queue = [];
  let waiting2 = 0;
  let over = false;
  let broken2;
  let wake = () => {
  };
  const onData = (piece) => {
    queue.push(piece);
    waiting2 += piece.length;
    if (waiting2 > MOST_WAITING) socket.pause();
    wake();
  };
  const onError = (error) => {
    broken2 = error;
    wake();
  };
  const onEnd = () => {
    over = true;
    wake();
  };
  const listen = () => {
    socket.on("data", onData);
    socket.on("error", onError);
    for (const event of ["end", "close"]) socket.on(event, onEnd);
  };
  listen();
  return {
    /** The next piece; undefined when there is no more. */
    async read() {
      while (queue.length === 0) {
        if (broken2) throw broken2;
        if (over) return void 0;
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
      const piece = queue.length === 1 ? queue[0] : Buffer.concat(queue);
      queue.length = 0;
      waiting2 = 0;
      if (socket.isPaused()) socket.resume();
      return piece;
    },
    /** Done when more may be written. */
    async write(bytes) {
      if (broken2) throw broken2;
      if (socket.write(Buffer.from(bytes))) return;
      await new Promise((resolve) => {
        const done = () => {
          for (const event of ["drain", "close", "error"]) socket.off(event, done);
          resolve();
        };
        for (const event of ["drain", "close", "error"]) socket.on(event, done);
      });
      if (broken2) throw broken2;
    },
    /** Turns to TLS; gives the server's certificate. */
    async startTls(serverName, authorities, verify3, protocol, milliseconds) {
      const [tls, net] = await Promise.all([Promise.resolve().then(() => __toESM(require("node:tls"), 1)), Promise.resolve().then(() => __toESM(require("node:net"), 1))]);
      if (queue.length > 0) throw Object.assign(new Error("bytes before TLS"), { code: "EARLY" });
      socket.off("data", onData);
      socket.pause();
      const address = net.isIP(serverName) !== 0;
      const options = { socket: plain, host: serverName, rejectUnauthorized: verify3 !== "nothing" };
      if (!address) options.servername = serverName;
      if (authorities) options.ca = authorities;
      if (protocol) options.ALPNProtocols = [protocol];
      if (verify3 === "authority") options.checkServerIdentity = () => void 0;
      const secure = tls.connect(options);
      await opened(secure, "secureConnect", milliseconds);
      socket = secure;
      listen();
      return secure.getPeerCertificate(false).raw ?? new Uint8Array();
    },
    /** Sends what is still to be sent, and lets go. */
    close() {
      socket.off("data", onData);
      socket.on("error", () => {
      });
      socket.end();
      socket.resume();
      const late = setTimeout(() => socket.destroy(), CLOSING_MS);
      socket.once("close", () => clearTimeout(late));
    }
  };
}
async function deriveKey(password, salt, iterations) {
  const [secret, grain] = [Buffer.from(password), Buffer.from(salt)];
  const { pbkdf2 } = await Promise.resolve().then(() => __toESM(require("node:crypto"), 1));
  return new Promise((resolve, reject) => {
    pbkdf2(secret, grain, iterations, 32, "sha256", (error, key) => error ? reject(error) : resolve(key));
  });
}
var normalizedText = (text) => text.normalize("NFKC");

// js-shim/bulk.mjs
var import_node_fs2 = __toESM(require("node:fs"), 1);
var import_node_path = __toESM(require("node:path"), 1);
var BLOCK = 1024 * 1024;
var WINDOW = 32 * 1024;
var AT_ONCE = 4;
var READ = import_node_fs2.default.constants.O_RDONLY | (import_node_fs2.default.constants.O_NONBLOCK ?? 0);
var CODINGS = ["bytes", "plain", "deflate", "inflate", "gunzip", "unzstd"];
var broken = (code, file, message) => Object.assign(new Error(message ?? code), { code, file });
var Files = class {
  open(file) {
    if (this.file === file) return this.descriptor;
    this.close();
    try {
      this.descriptor = import_node_fs2.default.openSync(file, READ);
      this.file = file;
      if (!import_node_fs2.default.fstatSync(this.descriptor).isFile()) throw broken("EISDIR", file);
    } catch (error) {
      throw Object.assign(error, { file });
    }
    return this.descriptor;
  }
  close() {
    if (this.file !== void 0) import_node_fs2.default.closeSync(this.descriptor);
    this.file = void 0;
  }
};
function readWhole(descriptor, block, from, file) {
  for (let filled = 0; filled < block.length; ) {
    let count;
    try {
      count = import_node_fs2.default.readSync(descriptor, block, filled, block.length - filled, from + filled);
    } catch (error) {
      throw Object.assign(error, { file });
    }
    if (count === 0) throw broken("SHORT", file);
    filled += count;
  }
}
async function* blocks(files, file, from, length) {
  const descriptor = files.open(file);
  for (let at = 0; at < length; ) {
    const block = Buffer.allocUnsafe(Math.min(BLOCK, length - at));
    readWhole(descriptor, block, from + at, file);
    at += block.length;
    yield block;
    if (at < length) await new Promise(setImmediate);
  }
}
async function* deflated(zlib, source) {
  const deflate = (block, dictionary, finishFlush) => new Promise((resolve, reject) => {
    const done = (error, result) => error ? reject(error) : resolve(result);
    zlib.deflateRaw(block, { finishFlush, dictionary, level: 6 }, done);
  });
  const { Z_SYNC_FLUSH, Z_FINISH } = zlib.constants;
  const running = [];
  let before;
  for await (const block of source) {
    running.push(deflate(block, before, Z_SYNC_FLUSH));
    running.at(-1).catch(() => {
    });
    before = block.subarray(Math.max(0, block.length - WINDOW));
    if (running.length >= AT_ONCE) yield await running.shift();
  }
  for (const block of running) yield await block;
  yield await deflate(Buffer.alloc(0), void 0, Z_FINISH);
}
async function* expanded(make, source, file, limit) {
  const { Readable, pipeline } = await Promise.resolve().then(() => __toESM(require("node:stream"), 1));
  let total = 0;
  const expander = make();
  let failed;
  pipeline(Readable.from(source), expander, (error) => {
    failed = error;
  });
  try {
    for await (const block of expander) {
      total += block.length;
      if (total > limit) throw broken("LARGE", file);
      yield block;
    }
  } catch (error) {
    const cause = failed ?? error;
    if (cause.file) throw cause;
    throw broken("CORRUPT", file, cause.message);
  }
}
function coder(zlib, coding, file, limit) {
  switch (coding) {
    case "deflate":
      return (source) => deflated(zlib, source);
    case "inflate":
      return (source) => expanded(() => zlib.createInflateRaw({ chunkSize: BLOCK }), source, file, limit);
    case "gunzip":
      return (source) => expanded(() => zlib.createGunzip({ chunkSize: BLOCK }), source, file, limit);
    default:
      if (!zlib.createZstdDecompress) throw broken("UNSUPPORTED", file);
      return (source) => expanded(() => zlib.createZstdDecompress({ chunkSize: BLOCK }), source, file, limit);
  }
}
var Search = class {
  constructor(text) {
    this.text = text;
    this.found = false;
    this.before = Buffer.alloc(0);
  }
  take(block) {
    if (this.found) return;
    const seam = Buffer.concat([this.before, block.subarray(0, this.text.length - 1)]);
    this.found = block.includes(this.text, 0, "latin1") || seam.includes(this.text, 0, "latin1");
    this.before = Buffer.from(block.subarray(Math.max(0, block.length - this.text.length + 1)));
  }
};
async function codedRange(tools, files, piece, wanted, sink) {
  const { crypto: crypto2, zlib } = tools;
  const { file, from, length, coding, limit } = piece;
  const hash = (name) => wanted[name] ? crypto2.createHash(name) : void 0;
  const [sha256, sha1, coded] = [hash("sha256"), hash("sha1"), hash("sha256")];
  const search = wanted.text === void 0 ? void 0 : new Search(wanted.text);
  let crc = 0;
  let size = 0;
  async function* before() {
    for await (const block of blocks(files, file, from, length)) {
      sha256?.update(block);
      sha1?.update(block);
      search?.take(block);
      if (wanted.crc32 && coding === "deflate") crc = zlib.crc32(block, crc);
      yield block;
    }
  }
  for await (const block of coder(zlib, coding, file, limit)(before())) {
    size += block.length;
    coded?.update(block);
    if (wanted.crc32 && coding !== "deflate") crc = zlib.crc32(block, crc);
    await sink.take(block);
  }
  const [plain, after] = [sha256?.digest("hex") ?? "", coded?.digest("hex") ?? ""];
  return [plain, sha1?.digest("hex") ?? "", crc, size, after, search?.found ? 1 : 0];
}
async function plainRange({ crypto: crypto2, zlib }, files, { file, from, length }, wanted, sink) {
  const descriptor = files.open(file);
  const names = ["sha256", "sha1"].filter((name) => wanted[name]);
  const digests = { sha256: "", sha1: "" };
  const search = wanted.text === void 0 ? void 0 : new Search(wanted.text);
  let hashes;
  let crc = 0;
  for (let at = 0; at < length || hashes === void 0; ) {
    const room = await sink.room();
    const part = room.subarray(0, Math.min(room.length, length - at));
    readWhole(descriptor, part, from + at, file);
    at += part.length;
    sink.fill(part.length);
    if (wanted.crc32) crc = zlib.crc32(part, crc);
    if (hashes === void 0 && at === length && crypto2.hash) {
      for (const name of names) digests[name] = crypto2.hash(name, part, "hex");
      if (search) search.found = part.includes(search.text, 0, "latin1");
      hashes = [];
    } else {
      hashes ??= names.map((name) => [name, crypto2.createHash(name)]);
      for (const [, hash] of hashes) hash.update(part);
      search?.take(part);
    }
  }
  for (const [name, hash] of hashes) digests[name] = hash.digest("hex");
  return [digests.sha256, digests.sha1, crc, length, digests.sha256, search?.found ? 1 : 0];
}
var Sink = class {
  constructor(total, draft) {
    this.total = total;
    this.draft = draft;
    this.block = Buffer.allocUnsafeSlow(BLOCK);
    this.filled = 0;
    this.size = 0;
  }
  /** What may be filled next; after a whole block the loop of events has its turn, so that a signal is heard. */
  async room() {
    if (this.filled === BLOCK) {
      this.flush();
      await new Promise(setImmediate);
    }
    return this.block.subarray(this.filled);
  }
  fill(length) {
    this.filled += length;
  }
  async take(bytes) {
    for (let at = 0; at < bytes.length; ) {
      const room = await this.room();
      const part = bytes.subarray(at, at + room.length);
      room.set(part);
      this.fill(part.length);
      at += part.length;
    }
  }
  flush() {
    const block = this.block.subarray(0, this.filled);
    this.total?.update(block);
    this.draft?.write(block);
    this.size += this.filled;
    this.filled = 0;
  }
};
var Draft = class {
  constructor(file) {
    this.file = file;
    this.draft = `${file}.${process.pid}.new`;
    this.waiting = [];
    this.size = 0;
    try {
      import_node_fs2.default.mkdirSync(import_node_path.default.dirname(file), { recursive: true });
      this.descriptor = import_node_fs2.default.openSync(this.draft, "w");
    } catch (error) {
      throw Object.assign(error, { file });
    }
  }
  take(block) {
    this.waiting.push(block);
    this.size += block.length;
    if (this.size >= BLOCK) this.flush();
  }
  flush() {
    const whole = this.waiting.length === 1 ? this.waiting[0] : Buffer.concat(this.waiting);
    this.waiting = [];
    this.size = 0;
    this.write(whole);
  }
  write(block) {
    try {
      for (let at = 0; at < block.length; ) at += import_node_fs2.default.writeSync(this.descriptor, block, at);
    } catch (error) {
      throw Object.assign(error, { file: this.file });
    }
  }
  end(whole) {
    try {
      if (whole) this.flush();
      import_node_fs2.default.closeSync(this.descriptor);
      if (whole) import_node_fs2.default.renameSync(this.draft, this.file);
    } finally {
      if (!whole) import_node_fs2.default.rmSync(this.draft, { force: true });
    }
  }
};
async function stream2(paths, numbers, bytes, into, whole, sha256, sha1, crc32, text) {
  if (numbers.length === 4 && into === void 0 && !whole && !crc32 && text === void 0) {
    const [from, length, number, limit] = numbers;
    const coding = CODINGS[number];
    if (coding !== "bytes" && coding !== "deflate") {
      const answer2 = await prove({ file: paths, from, length, coding, limit, sha256, sha1 });
      return [answer2[3], "", ...answer2, 0].join(",");
    }
  }
  const tools = { crypto: await Promise.resolve().then(() => __toESM(require("node:crypto"), 1)), zlib: await Promise.resolve().then(() => __toESM(require("node:zlib"), 1)) };
  const wanted = { sha256, sha1, crc32, text };
  const files = new Files();
  const draft = into === void 0 ? void 0 : new Draft(into);
  const sink = new Sink(whole ? tools.crypto.createHash("sha256") : void 0, draft);
  const names = paths.split("\0");
  const answer = [];
  let at = 0;
  let complete = false;
  try {
    for (let index = 0; index < names.length; index += 1) {
      const [from, length, coding, limit] = numbers.subarray(index * 4, index * 4 + 4);
      const piece = { file: names[index], from, length, coding: CODINGS[coding], limit };
      if (piece.coding === "bytes") {
        await sink.take(bytes.subarray(at, at + length));
        at += length;
      } else {
        const range = piece.coding === "plain" ? plainRange : codedRange;
        answer.push(...await range(tools, files, piece, wanted, sink));
      }
    }
    sink.flush();
    complete = true;
  } finally {
    files.close();
    draft?.end(complete);
  }
  return [sink.size, sink.total?.digest("hex") ?? "", ...answer].join(",");
}
async function body(file, from, length) {
  const blob = await import_node_fs2.default.openAsBlob(file);
  if (blob.size < from + length) throw broken("SHORT", file);
  return blob.slice(from, from + length);
}
async function save(response, file, limit) {
  const { createHash } = await Promise.resolve().then(() => __toESM(require("node:crypto"), 1));
  const hash = createHash("sha256");
  const draft = new Draft(file);
  let size = 0;
  let complete = false;
  try {
    for await (const block of response.body ?? []) {
      size += block.length;
      if (size > limit) throw broken("LARGE", file);
      hash.update(block);
      draft.take(Buffer.from(block.buffer, block.byteOffset, block.byteLength));
    }
    complete = true;
  } finally {
    draft.end(complete);
  }
  return [String(size), hash.digest("hex")];
}

// js-shim/host.mjs
var STDOUT = 1;
var PIECE = 64 * 1024;
var LEFT_BEHIND_MS = 5e3;
var programArguments = () => process.argv.slice(2);
var environment = () => Buffer.from(Object.entries(process.env).flat().join("\0"));
var platform = () => process.platform;
var chance = new Uint8Array(512);
var left = 0;
function random(bytes) {
  if (left < bytes.length) {
    fetchChance();
    left = chance.length;
  }
  left -= bytes.length;
  bytes.set(chance.subarray(left, left + bytes.length));
}
function fetchChance() {
  if (process.platform === "win32") return void process.getBuiltinModule("node:crypto").randomFillSync(chance);
  const source = import_node_fs3.default.openSync("/dev/urandom");
  try {
    for (let at = 0; at < chance.length; ) at += import_node_fs3.default.readSync(source, chance, at, chance.length - at);
  } finally {
    import_node_fs3.default.closeSync(source);
  }
}
function timer(milliseconds) {
  let handle;
  const over = new Promise((resolve) => {
    handle = setTimeout(resolve, milliseconds);
  });
  return { over: () => over, clear: () => clearTimeout(handle) };
}
var stopped;
function cancelled() {
  stopped ??= new Promise((resolve) => {
    const stop = (signal) => {
      resolve(signal);
      abandon();
    };
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => stop(signal));
    if (process.platform === "win32") process.on("SIGBREAK", () => stop("SIGTERM"));
  });
  return stopped;
}
function print(bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += import_node_fs3.default.writeSync(STDOUT, bytes, at, bytes.length - at);
    } catch (error) {
      if (error.code === "EPIPE") return;
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}
function open(file) {
  const descriptor = import_node_fs3.default.openSync(file, import_node_fs3.default.constants.O_RDONLY | (import_node_fs3.default.constants.O_NONBLOCK ?? 0));
  if (import_node_fs3.default.fstatSync(descriptor).isFile()) return descriptor;
  import_node_fs3.default.closeSync(descriptor);
  throw Object.assign(new Error("not a regular file"), { code: "EISDIR" });
}
var read = (descriptor, bytes, at) => import_node_fs3.default.readSync(descriptor, bytes, 0, bytes.length, at);
var close = (descriptor) => import_node_fs3.default.closeSync(descriptor);
function withFolder(file, write) {
  try {
    return write();
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    import_node_fs3.default.mkdirSync(import_node_path2.default.dirname(file), { recursive: true });
    return write();
  }
}
var writeNew = (file, bytes) => withFolder(file, () => import_node_fs3.default.writeFileSync(file, bytes, { flag: "wx" }));
var append = (file, bytes) => withFolder(file, () => import_node_fs3.default.appendFileSync(file, bytes));
function replace(file, bytes) {
  const draft = `${file}.${process.pid}.new`;
  withFolder(draft, () => import_node_fs3.default.writeFileSync(draft, bytes));
  import_node_fs3.default.renameSync(draft, file);
}
var remove = (file) => import_node_fs3.default.rmSync(file, { recursive: true, force: true });
var realPath = (file) => import_node_fs3.default.realpathSync(file).replaceAll(import_node_path2.default.sep, "/");
var readLink = (file) => import_node_fs3.default.readlinkSync(file).replaceAll(import_node_path2.default.sep, "/");
var sign2 = async (seed, message) => {
  const [key, text] = [Buffer.from(seed), Buffer.from(message)];
  return (await Promise.resolve().then(() => (init_keys(), keys_exports))).sign(key, text);
};
var verify2 = async (...given) => {
  const copies = given.map((bytes) => Buffer.from(bytes));
  return (await Promise.resolve().then(() => (init_keys(), keys_exports))).verify(...copies);
};
function list(folder) {
  return import_node_fs3.default.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const kind = entry.isSymbolicLink() ? "l" : entry.isDirectory() ? "d" : entry.isFile() ? "f" : "o";
    const stat = kind === "f" && import_node_fs3.default.lstatSync(import_node_path2.default.join(folder, entry.name), { throwIfNoEntry: false });
    const [size, modified] = stat ? [stat.size, Math.trunc(stat.mtimeMs * 1e3)] : [0, 0];
    return [entry.name, kind, String(size), String(modified), stat && stat.mode & 64 ? "x" : ""];
  });
}
async function start(program, programArguments2, directory, environment2) {
  const posix = process.platform !== "win32";
  const env = {};
  const flat = Buffer.from(environment2).toString().split("\0");
  for (let at = 0; at + 1 < flat.length; at += 2) env[flat[at]] = flat[at + 1];
  const { spawn } = await Promise.resolve().then(() => __toESM(require("node:child_process"), 1));
  const child = spawn(program, programArguments2, {
    cwd: directory,
    env,
    detached: posix,
    stdio: ["ignore", "pipe", "pipe"],
    windowsHide: true
  });
  const streams = [child.stdout, child.stderr];
  const queue = [];
  let wake = () => {
  };
  let ended = false;
  for (const stream3 of streams) {
    stream3.on("data", (piece) => {
      for (let at = 0; at < piece.length; at += PIECE) queue.push(piece.subarray(at, at + PIECE));
      for (const each of streams) each.pause();
      wake();
    });
    stream3.on("error", () => {
    });
  }
  const status = new Promise((resolve) => {
    child.on("exit", (code, signal) => {
      const patience = setTimeout(() => streams.forEach((stream3) => stream3.destroy()), LEFT_BEHIND_MS);
      child.on("close", async () => {
        clearTimeout(patience);
        ended = true;
        wake();
        resolve(signal ? -(await Promise.resolve().then(() => __toESM(require("node:os"), 1))).constants.signals[signal] : code);
      });
    });
  });
  await new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => {
      const noDirectory = error.code === "ENOENT" && !import_node_fs3.default.statSync(directory, { throwIfNoEntry: false })?.isDirectory();
      reject(noDirectory ? Object.assign(error, { code: "ENOTDIR" }) : error);
    });
  });
  return {
    /** The next piece of output; undefined when there is no more. */
    async next() {
      while (queue.length === 0 && !ended) {
        for (const stream3 of streams) stream3.resume();
        await new Promise((resolve) => {
          wake = resolve;
        });
      }
      return queue.shift();
    },
    /** The exit code, or the negated number of the signal that ended it. */
    status: () => status,
    signal(name) {
      try {
        if (posix) process.kill(-child.pid, name);
        else spawn("taskkill", ["/pid", String(child.pid), "/t", "/f"], { stdio: "ignore", windowsHide: true });
      } catch (error) {
        if (error.code !== "ESRCH") throw error;
      }
    }
  };
}
var proxied = false;
async function useProxy() {
  if (proxied) return;
  proxied = true;
  const asked = ["https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY"].some((name) => process.env[name]);
  if (asked) (await Promise.resolve().then(() => __toESM(require("node:http"), 1))).setGlobalProxyFromEnv?.();
}
function lastWords(error) {
  const text = String(error?.stack ?? error).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  print(new TextEncoder().encode(`::debug::${text}
`));
}

// js-shim/index.mjs
var DEFECT = 70;
process.on("uncaughtException", (error) => {
  lastWords(error);
  process.exitCode = DEFECT;
});
process.exitCode = DEFECT;
run(host_exports).then((status) => process.exit(status));
