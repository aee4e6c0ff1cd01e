// Built from js-shim/ and src/ by scripts/build.mjs. Do not edit.
var __create = Object.create;
var __defProp = Object.defineProperty;
var __getOwnPropDesc = Object.getOwnPropertyDescriptor;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __getProtoOf = Object.getPrototypeOf;
var __hasOwnProp = Object.prototype.hasOwnProperty;
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

// waybill:loader
var import_node_fs = require("node:fs");

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
    __wbg_done_b41a1d26cdb37fb6: function(arg0) {
      const ret = getObject(arg0).done;
      return ret;
    },
    __wbg_entries_3602f27ad32994b8: function(arg0) {
      const ret = getObject(arg0).entries();
      return addHeapObject(ret);
    },
    __wbg_environment_8f22604069774fe4: function(arg0, arg1) {
      const ret = getObject(arg1).environment();
      const ptr1 = passArrayJsValueToWasm0(ret, wasm.__wbindgen_export);
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
            return __wasm_bindgen_func_elem_4261(a, state0.b, arg02, arg12);
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
    __wbg_read_27051c35a4e6950d: function() {
      return handleError(function(arg0, arg1, arg2, arg3) {
        const ret = getObject(arg0).read(arg1, getArrayU8FromWasm0(arg2, arg3));
        return ret;
      }, arguments);
    },
    __wbg_read_2a943774344c9728: function(arg0) {
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
    __wbg_start_7f8b604df0c75c6a: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4, arg5, arg6, arg7, arg8) {
        var v0 = getArrayJsValueFromWasm0(arg3, arg4);
        wasm.__wbindgen_export4(arg3, arg4 * 4, 4);
        var v1 = getArrayJsValueFromWasm0(arg7, arg8);
        wasm.__wbindgen_export4(arg7, arg8 * 4, 4);
        const ret = getObject(arg0).start(getStringFromWasm0(arg1, arg2), v0, getStringFromWasm0(arg5, arg6), v1);
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
    __wbg_writeNew_a013ea0a64dbda12: function() {
      return handleError(function(arg0, arg1, arg2, arg3, arg4) {
        getObject(arg0).writeNew(getStringFromWasm0(arg1, arg2), getArrayU8FromWasm0(arg3, arg4));
      }, arguments);
    },
    __wbindgen_generic_0000000000000001: function(arg0, arg1) {
      const ret = makeMutClosure(arg0, arg1, __wasm_bindgen_func_elem_4257);
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
function __wasm_bindgen_func_elem_4261(arg0, arg1, arg2, arg3) {
  wasm.__wasm_bindgen_func_elem_4261(arg0, arg1, addHeapObject(arg2), addHeapObject(arg3));
}
function __wasm_bindgen_func_elem_4257(arg0, arg1, arg2) {
  try {
    const retptr = wasm.__wbindgen_add_to_stack_pointer(-16);
    wasm.__wasm_bindgen_func_elem_4257(retptr, arg0, arg1, addHeapObject(arg2));
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
function __wbg_finalize_init(instance, module2) {
  wasmInstance = instance;
  wasm = instance.exports;
  wasmModule = module2;
  cachedDataViewMemory0 = null;
  cachedUint8ArrayMemory0 = null;
  return wasm;
}
function initSync(module2) {
  if (wasm !== void 0) return wasm;
  if (module2 !== void 0) {
    if (Object.getPrototypeOf(module2) === Object.prototype) {
      ({ module: module2 } = module2);
    } else {
      console.warn("using deprecated parameters for `initSync()`; pass a single object instead");
    }
  }
  const imports = __wbg_get_imports();
  if (!(module2 instanceof WebAssembly.Module)) {
    module2 = new WebAssembly.Module(module2);
  }
  const instance = new WebAssembly.Instance(module2, imports);
  return __wbg_finalize_init(instance, module2);
}

// waybill:loader
initSync({ module: (0, import_node_fs.readFileSync)(__dirname + "/waybill.wasm") });

// js-shim/host.mjs
var host_exports = {};
__export(host_exports, {
  append: () => append,
  cancelled: () => cancelled,
  close: () => close,
  environment: () => environment,
  lastWords: () => lastWords,
  list: () => list,
  open: () => open,
  platform: () => platform,
  print: () => print,
  programArguments: () => programArguments,
  random: () => random,
  read: () => read,
  realPath: () => realPath,
  remove: () => remove,
  replace: () => replace,
  start: () => start,
  timer: () => timer,
  useProxy: () => useProxy,
  writeNew: () => writeNew
});
var import_node_fs2 = __toESM(require("node:fs"), 1);
var import_node_path = __toESM(require("node:path"), 1);
var STDOUT = 1;
var PIECE = 64 * 1024;
var LEFT_BEHIND_MS = 5e3;
var programArguments = () => process.argv.slice(2);
var environment = () => Object.entries(process.env).flat();
var platform = () => process.platform;
function random(bytes) {
  if (process.platform === "win32") return void process.getBuiltinModule("node:crypto").randomFillSync(bytes);
  const source = import_node_fs2.default.openSync("/dev/urandom");
  try {
    for (let at = 0; at < bytes.length; ) at += import_node_fs2.default.readSync(source, bytes, at, bytes.length - at);
  } finally {
    import_node_fs2.default.closeSync(source);
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
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => resolve(signal));
    if (process.platform === "win32") process.on("SIGBREAK", () => resolve("SIGTERM"));
  });
  return stopped;
}
function print(bytes) {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += import_node_fs2.default.writeSync(STDOUT, bytes, at, bytes.length - at);
    } catch (error) {
      if (error.code === "EPIPE") return;
      if (error.code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}
function open(file) {
  const descriptor = import_node_fs2.default.openSync(file, import_node_fs2.default.constants.O_RDONLY | (import_node_fs2.default.constants.O_NONBLOCK ?? 0));
  if (import_node_fs2.default.fstatSync(descriptor).isFile()) return descriptor;
  import_node_fs2.default.closeSync(descriptor);
  throw Object.assign(new Error("not a regular file"), { code: "EISDIR" });
}
var read = (descriptor, bytes) => import_node_fs2.default.readSync(descriptor, bytes);
var close = (descriptor) => import_node_fs2.default.closeSync(descriptor);
function withFolder(file, write) {
  try {
    return write();
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    import_node_fs2.default.mkdirSync(import_node_path.default.dirname(file), { recursive: true });
    return write();
  }
}
var writeNew = (file, bytes) => withFolder(file, () => import_node_fs2.default.writeFileSync(file, bytes, { flag: "wx" }));
var append = (file, bytes) => withFolder(file, () => import_node_fs2.default.appendFileSync(file, bytes));
function replace(file, bytes) {
  const draft = `${file}.${process.pid}.new`;
  withFolder(draft, () => import_node_fs2.default.writeFileSync(draft, bytes));
  import_node_fs2.default.renameSync(draft, file);
}
var remove = (file) => import_node_fs2.default.rmSync(file, { recursive: true, force: true });
var realPath = (file) => import_node_fs2.default.realpathSync(file).replaceAll(import_node_path.default.sep, "/");
function list(folder) {
  return import_node_fs2.default.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const kind = entry.isSymbolicLink() ? "l" : entry.isDirectory() ? "d" : entry.isFile() ? "f" : "o";
    const stat = kind === "f" && import_node_fs2.default.lstatSync(import_node_path.default.join(folder, entry.name), { throwIfNoEntry: false });
    return [entry.name, kind, String(stat ? stat.size : 0), String(stat ? stat.mtimeMs : 0)];
  });
}
async function start(program, programArguments2, directory, environment2) {
  const { spawn } = await Promise.resolve().then(() => __toESM(require("node:child_process"), 1));
  const posix = process.platform !== "win32";
  const env = {};
  for (let at = 0; at < environment2.length; at += 2) env[environment2[at]] = environment2[at + 1];
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
  for (const stream of streams) {
    stream.on("data", (piece) => {
      for (let at = 0; at < piece.length; at += PIECE) queue.push(piece.subarray(at, at + PIECE));
      for (const each of streams) each.pause();
      wake();
    });
    stream.on("error", () => {
    });
  }
  const status = new Promise((resolve) => {
    child.on("exit", (code, signal) => {
      const patience = setTimeout(() => streams.forEach((stream) => stream.destroy()), LEFT_BEHIND_MS);
      child.on("close", async () => {
        clearTimeout(patience);
        ended = true;
        wake();
        const { constants } = await Promise.resolve().then(() => __toESM(require("node:os"), 1));
        resolve(signal ? -constants.signals[signal] : code);
      });
    });
  });
  await new Promise((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", (error) => {
      const noDirectory = error.code === "ENOENT" && !import_node_fs2.default.statSync(directory, { throwIfNoEntry: false })?.isDirectory();
      reject(noDirectory ? Object.assign(error, { code: "ENOTDIR" }) : error);
    });
  });
  return {
    /** The next piece of output; undefined when there is no more. */
    async next() {
      while (queue.length === 0 && !ended) {
        for (const stream of streams) stream.resume();
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
run(host_exports).then((status) => {
  process.exitCode = status;
});
